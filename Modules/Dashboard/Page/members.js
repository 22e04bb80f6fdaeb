// Members as each other node sees them, and what a supervisor can do to them.

import { $, h, setText, table, whole } from "./dom.js";
import { colour, model, names } from "./model.js";

const BADGES = { alive: "good", suspected: "warn", dead: "bad" };

export function updateMembers() {
  const all = names();
  const columns = [
    { title: "Node" }, { title: "State" }, { title: "Epoch", number: true }, { title: "Keys", number: true },
    ...all.map((name) => ({ title: `by ${name}` })),
    ...(model.supervised ? [{ title: "Do" }] : []),
  ];
  table($("members"), "Each column “by X” is how X sees the row's node", columns, all, (name) => name, (name) => {
    const node = model.nodes.get(name);
    const sample = node.sample;
    return [
      { text: name, colour: colour(name) }, stateOf(node),
      sample?.epoch, sample ? whole(sample.keys.live) : null,
      ...all.map((observer) => view(observer, name)),
      ...(model.supervised ? [{ node: actions(node) }] : []),
    ];
  });
  for (const row of $("members").tBodies[0].rows) row.id = `member-${row.dataset.key}`;
  if (model.supervised) updateFaults(all);
}

function stateOf(node) {
  const cut = node.cut.length ? `, cut from ${node.cut.join(" ")}` : "";
  const late = node.delay_ms ? `, ${node.delay_ms} ms late` : "";
  if (node.state && node.state !== "running") {
    const text = node.state === "ended" ? `ended: ${node.ending ?? ""}` : node.state;
    return { text, badge: node.state === "paused" ? "warn" : "bad" };
  }
  if (!node.sample) return { text: node.silence ? "no answer" : "connecting", badge: "bad" };
  if (!node.sample.ready) return { text: node.sample.reason ?? "not ready", badge: "warn" };
  const status = node.sample.members.find((member) => member.node === node.name)?.status;
  if (status && status !== "active") return { text: status + cut + late, badge: "warn" };
  return { text: `serves${cut}${late}`, badge: cut || late ? "warn" : "good" };
}

function view(observer, name) {
  if (observer === name) return "·";
  if (!model.nodes.get(observer).sample) return "–";
  const member = model.nodes.get(observer).sample.members.find((entry) => entry.node === name);
  if (!member) return "unknown";
  return { text: member.liveness, badge: BADGES[member.liveness] ?? "warn" };
}

// MARK: Actions

const rows = new Map();

/** The buttons of one node, made once so that they keep the focus. */
function actions(node) {
  if (!rows.has(node.name)) {
    const name = node.name;
    const button = (action, title, isFault = true) => h("button", {
      type: "button", title, "data-action": action, "data-fault": isFault,
      onclick: () => act(action, { node: name }, action === "wipe" && `Delete all that ${name} stores?`),
    }, action);
    rows.set(name, h("span", { class: "actions", role: "group", "aria-label": `Actions on ${name}` },
      button("kill", "end it at once (SIGKILL)"), button("stop", "end it in order (SIGTERM)", false),
      button("start", "start it again", false), button("pause", "halt it (SIGSTOP)"), button("resume", "let it go on"),
      button("wipe", "kill it, delete its disk, start it again"), button("remove", "have it leave the ring", false)));
  }
  const group = rows.get(node.name);
  const isUp = node.state === "running" || node.state === "paused";
  for (const button of group.children) {
    const action = button.dataset.action;
    const fits = {
      start: !isUp, resume: node.state === "paused", pause: node.state === "running", wipe: true,
    }[action] ?? isUp;
    const isDenied = button.hasAttribute("data-fault") && !model.allowsFaults;
    button.disabled = !fits || isDenied;
  }
  return group;
}

export async function act(action, body = {}, question = null) {
  if (question && !confirm(question)) return;
  const done = $("done");
  setText(done, `${action}…`);
  try {
    const answer = await fetch(`cluster/${action}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    const page = await answer.json();
    setText(done, page.message ?? page.error?.message ?? `status ${answer.status}`);
  } catch (error) {
    setText(done, `the supervisor does not answer: ${error.message}`);
  }
}

// MARK: Links

function updateFaults(all) {
  const panel = $("faults");
  panel.hidden = false;
  if (panel.dataset.nodes === all.join(" ")) return;
  panel.dataset.nodes = all.join(" ");
  const side = (name) => h("label", {}, `${name} `, h("select", { "data-side": name, "aria-label": `side of ${name}` },
    h("option", { value: "" }, "–"), h("option", { value: "1" }, "left"), h("option", { value: "2" }, "right")));
  const slowNode = h("select", { id: "slow-node" }, all.map((name) => h("option", {}, name)));
  const slowTime = h("input", { id: "slow-time", type: "number", min: 0, max: 3000, value: 50, size: 5 });
  panel.replaceChildren(
    h("fieldset", {}, h("legend", {}, "Network"),
      h("div", { class: "controls" }, all.map(side),
        h("button", { type: "button", id: "cut", onclick: cut }, "Cut between left and right")),
      h("div", { class: "controls" }, h("label", {}, "Slow ", slowNode), h("label", {}, "by ", slowTime, " ms"),
        h("button", {
          type: "button", id: "slow",
          onclick: () => act("slow", { node: slowNode.value, delay_ms: Number(slowTime.value) }),
        }, "Slow"),
        h("button", { type: "button", id: "heal", onclick: () => act("heal") }, "Heal all links"))),
    h("fieldset", {}, h("legend", {}, "Cluster"), h("div", { class: "controls" },
      h("button", { type: "button", id: "add", onclick: () => act("add") }, "Add a node"),
      h("button", { type: "button", id: "start-all", onclick: () => act("start") }, "Start all that are down"))));
  for (const control of panel.querySelectorAll("#cut, #slow, #heal, [data-side], #slow-node, #slow-time")) {
    control.disabled = !model.allowsFaults;
  }
}

function cut() {
  const sides = ["1", "2"].map((value) => [...document.querySelectorAll("[data-side]")]
    .filter((select) => select.value === value).map((select) => select.dataset.side));
  act("partition", { groups: sides.filter((names) => names.length > 0) });
}
