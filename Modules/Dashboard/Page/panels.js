// Operations, hints, repair, storage and strategies.

import { $, bytes, h, microseconds, setText, table, whole } from "./dom.js";
import { address, anyNode, colour, model, names } from "./model.js";
import { lineChart } from "./charts.js";

const sampled = () => names().map((name) => model.nodes.get(name)).filter((node) => node.sample);
const nodeCell = (node) => ({ text: node.name, colour: colour(node.name) });

export function updateOperations() {
  const nodes = names().map((name) => model.nodes.get(name));
  // Seconds of different nodes are added up; the newest is the last that all have told of who tell anything.
  const seconds = nodes.map((node) => {
    let before = -Infinity;
    return new Map(node.history.map((entry) => {
      let second = Math.round(entry.time / 1000);
      if (second <= before) second = before + 1;
      before = second;
      return [second, entry];
    }));
  });
  const newest = Math.min(...seconds.filter((map, index) => map.size > 0 && nodes[index].sample)
    .map((map) => [...map.keys()].at(-1)));
  const sum = (kind) => {
    const total = new Map();
    for (const map of seconds) for (const [second, entry] of map) {
      if (second <= newest) total.set(second, (total.get(second) ?? 0) + entry[kind]);
    }
    return [...total].sort((a, b) => a[0] - b[0]).map(([second, value]) => [second * 1000, value]);
  };
  lineChart($("rates"), "operations a second, all nodes", [
    { name: "gets", colour: "#4e79a7", points: sum("get") }, { name: "puts", colour: "#f28e2b", points: sum("put") },
    { name: "deletes", colour: "#9c755f", points: sum("delete") },
    { name: "refused", colour: "#e15759", dash: "3 2", points: sum("errors") },
  ], whole);
  const kind = $("latency-kind").value;
  const percentile = $("latency-percentile").value;
  lineChart($("latencies"), `${percentile} of ${kind}, by the node that was asked`, nodes.map((node) => ({
    name: node.name, colour: colour(node.name),
    points: node.history.map((entry) => [entry.time, entry.latency[kind]?.[percentile] ?? null]),
  })), microseconds);
}

export function updateHints() {
  const keepers = sampled();
  const waiting = keepers.flatMap((node) =>
    node.sample.hints.waiting.map((entry) => ({ keeper: node.name, ...entry })));
  setText($("hints-total"), whole(waiting.reduce((total, entry) => total + entry.count, 0)));
  table($("hints"), "", [
    { title: "For" }, { title: "Kept by" }, { title: "Writes", number: true }, { title: "Size", number: true },
  ], waiting, (entry) => `${entry.target} ${entry.keeper}`, (entry) => [
    { text: entry.target, colour: colour(entry.target) }, { text: entry.keeper, colour: colour(entry.keeper) },
    whole(entry.count), bytes(entry.bytes),
  ]);
  $("hints").hidden = waiting.length === 0;
  lineChart($("hints-chart"), "hints waiting, by the node that keeps them", names().map((name) => ({
    name, colour: colour(name), points: model.nodes.get(name).history.map((entry) => [entry.time, entry.hints]),
  })), whole);
}

export function updateRepair() {
  table($("repair"), "Counted since each node started", [
    { title: "Node" }, { title: "Round" }, { title: "Sessions", number: true }, { title: "Failed", number: true },
    { title: "Sent", number: true }, { title: "Records sent", number: true }, { title: "received", number: true },
    { title: "Read repairs", number: true }, { title: "Reads with siblings", number: true },
  ], sampled(), (node) => node.name, (node) => {
    const { sync, round, repairs, operations, recovering_fraction: recovering } = node.sample;
    const left = round.waiting + round.under_way;
    const coverage = recovering > 0 ? `recovering, ${(recovering * 100).toFixed(0)} % left`
      : round.sessions === 0 ? "–" : `${Math.max(0, round.sessions - left)} of ${round.sessions} ranges`;
    return [
      nodeCell(node), coverage, whole(sync.sessions), whole(sync.sessions_failed), bytes(sync.bytes_sent),
      whole(sync.records_sent), whole(sync.records_received), whole(repairs.read_repairs),
      whole(operations.siblings_read),
    ];
  });
}

const SESSIONS_SHOWN = 16;
let sessionsAskedAt = 0;

/** The latest sessions of anti-entropy, asked for while somebody looks at them. */
export async function updateSessions() {
  if (!$("sessions-details").open || Date.now() - sessionsAskedAt < 3000) return;
  sessionsAskedAt = Date.now();
  const asked = model.supervised ? sampled().map((node) => node.name) : [model.own].filter(Boolean);
  const pages = await Promise.allSettled(asked.map(async (name) => {
    const page = await (await fetch(address(name, "/sync"))).json();
    return page.shards.flatMap((shard) => shard.sessions.map((session) => ({ ...session, node: name })));
  }));
  const sessions = pages.flatMap((page) => (page.status === "fulfilled" ? page.value.slice(0, SESSIONS_SHOWN) : []));
  table($("sessions"), "Each as its own end saw it", [
    { title: "Of" }, { title: "With" }, { title: "Range from" }, { title: "Compared", number: true },
    { title: "Differed", number: true }, { title: "Sent", number: true }, { title: "Received", number: true },
    { title: "Bytes", number: true }, { title: "ms", number: true }, { title: "Failed" },
  ], sessions, (session) => `${session.node} ${session.session}`, (session) => [
    { text: session.node, colour: colour(session.node) }, { text: session.peer, colour: colour(session.peer) },
    session.range.first, whole(session.comparisons), whole(session.keys_differing), whole(session.records_sent),
    whole(session.records_received), bytes(session.bytes_sent), session.duration_milliseconds.toFixed(1),
    session.failure ?? "",
  ]);
}

export function updateStorage() {
  table($("storage"), "", [
    { title: "Node" }, { title: "Keys", number: true }, { title: "Tombstones", number: true },
    { title: "Live", number: true }, { title: "On disk", number: true }, { title: "To be freed", number: true },
    { title: "Sent to peers", number: true },
  ], sampled(), (node) => node.name, (node) => {
    const { keys, storage, transport } = node.sample;
    return [
      nodeCell(node), whole(keys.live), whole(keys.tombstones), bytes(storage.live_bytes), bytes(storage.disk_bytes),
      bytes(storage.dead_bytes), bytes(transport.bytes_sent),
    ];
  });
}

let strategiesOf = null;

export async function updateStrategies() {
  const asked = anyNode();
  if (!asked || strategiesOf) return;
  strategiesOf = asked;
  try {
    const answer = await fetch(address(asked, "/config"));
    const config = await answer.json();
    const show = (value) => Object.entries(value).map(([name, setting]) => name === "kind" ? setting
      : `${name} ${typeof setting === "object" ? JSON.stringify(setting) : setting}`).join(", ");
    const entries = [
      ...Object.entries(config.strategies),
      ...["replication", "durability", "hints"].map((name) => [name, config[name]]),
    ].filter(([, value]) => value && typeof value === "object");
    $("strategies").replaceChildren(...entries.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, show(value)))));
  } catch { strategiesOf = null; }
}
