// What the page knows of the cluster, and where it comes from: a supervisor's stream with all nodes in it, or the
// streams of the nodes themselves.

const HISTORY = 300; // seconds
const MAXIMUM_NODES = 32; // streams that are opened at once
const PALETTE = [
  "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#76b7b2", "#edc948", "#9c755f", "#ff9da7", "#7f7f7f",
];

export const model = {
  /** By name: {name, url, sample, history, state, pid, silence, cut, delay_ms, heardAt}. */
  nodes: new Map(),
  events: [],
  /** The node that serves the page; null under a supervisor. */
  own: null,
  supervised: false,
  allowsFaults: false,
  updatedAt: null,
};

const REDRAW = 400; // milliseconds between two drawings at least
const STALE = 5000; // without a word a node does not answer

const listeners = [];
export const onChange = (listener) => listeners.push(listener);
let isScheduled = false;
let drawnAt = 0;

/** Has all be drawn: soon, not too often, and not while nobody looks. */
function changed() {
  if (isScheduled || document.hidden) return;
  isScheduled = true;
  setTimeout(() => {
    isScheduled = false;
    drawnAt = Date.now();
    for (const listener of listeners) listener();
  }, Math.max(0, drawnAt + REDRAW - Date.now()));
}

const order = new Intl.Collator("en", { numeric: true });
let sorted = [];
let colours = new Map();

export function names() {
  if (sorted.length !== model.nodes.size || sorted.some((name) => !model.nodes.has(name))) {
    sorted = [...model.nodes.keys()].sort(order.compare);
    colours = new Map(sorted.map((name, index) => [
      name, index < PALETTE.length ? PALETTE[index] : `hsl(${(index * 137.5) % 360} 55% 50%)`,
    ]));
  }
  return sorted;
}

export function colour(name) {
  names();
  return colours.get(name) ?? "#888888";
}

/** Where a node's page is asked for: through the supervisor, or at the node that serves this page. */
export function address(name, path) {
  return model.supervised ? `nodes/${encodeURIComponent(name)}${path}` : path.slice(1);
}

/** The node that is asked for what any node knows. */
export function anyNode() {
  if (!model.supervised) return model.own;
  return names().find((name) => model.nodes.get(name).sample) ?? null;
}

// MARK: Taking in

function node(name) {
  if (!model.nodes.has(name)) {
    model.nodes.set(name, {
      name, url: null, sample: null, history: [], state: null, silence: null, cut: [], delay_ms: 0, seen: 0,
    });
  }
  return model.nodes.get(name);
}

function takeSample(known, sample) {
  const before = known.sample ?? known.lastSample;
  known.sample = sample;
  known.heardAt = Date.now();
  if (!sample) return;
  if (known.started !== sample.started_ms) {
    known.started = sample.started_ms;
    known.seen = 0;
  }
  takeEvents(known, sample.node, sample.events);
  const window = sample.window;
  if (!before || before.time_ms !== sample.time_ms) {
    const seconds = Math.max(0.001, window.milliseconds / 1000);
    const count = (kind) => (window.latency_microseconds[kind]?.count ?? 0) / seconds;
    known.history.push({
      time: sample.time_ms, get: count("get"), put: count("put"), delete: count("delete"),
      errors: window.errors / seconds, latency: window.latency_microseconds, hints: sample.hints.pending,
    });
    if (known.history.length > HISTORY) known.history.shift();
  }
  known.lastSample = sample;
}

function takeEvents(known, teller, events) {
  for (const event of events ?? []) {
    if (event.number <= known.seen) continue;
    known.seen = event.number;
    model.events.push({ ...event, teller });
  }
  model.events.sort((a, b) => a.time_ms - b.time_ms);
  if (model.events.length > 1000) model.events.splice(0, model.events.length - 1000);
}

const supervisorEvents = { seen: 0 };

function takeSupervisor(message) {
  model.supervised = true;
  model.allowsFaults = message.allows_faults;
  if (supervisorEvents.started !== message.started_ms) {
    Object.assign(supervisorEvents, { started: message.started_ms, seen: 0 });
  }
  takeEvents(supervisorEvents, null, message.events);
  const present = new Set(message.nodes.map((entry) => entry.node));
  for (const name of [...model.nodes.keys()]) if (!present.has(name)) model.nodes.delete(name);
  for (const entry of message.nodes) {
    const known = node(entry.node);
    const isNew = known.url === null;
    const { url, state, pid, ending, silence, cut, delay_ms } = entry;
    Object.assign(known, { url, state, pid, ending, silence, cut, delay_ms });
    takeSample(known, entry.sample);
    if (isNew && entry.sample) loadEarlierEvents(known);
  }
}

/** What happened before this page was opened; the stream brings what is new. */
async function loadEarlierEvents(known) {
  const seen = new Set(model.events.filter((event) => event.teller === known.name).map((event) => event.number));
  try {
    const answer = await fetch(address(known.name, "/events"));
    const page = await answer.json();
    for (const event of page.events ?? []) {
      if (!seen.has(event.number)) model.events.push({ ...event, teller: known.name });
    }
    model.events.sort((a, b) => a.time_ms - b.time_ms);
    changed();
  } catch { /* The story begins now. */ }
}

function takeNode(message, isOwn) {
  const known = node(message.node);
  if (isOwn) model.own = message.node;
  known.url ??= location.origin;
  known.silence = null;
  takeSample(known, message);
  if (!isOwn) return;
  // Its members are this page's nodes.
  const present = new Set(message.members.map((member) => member.node));
  present.add(message.node);
  for (const name of [...model.nodes.keys()].filter((name) => !present.has(name))) {
    streams.get(name)?.close();
    streams.delete(name);
    model.nodes.delete(name);
  }
  for (const member of message.members) {
    const other = node(member.node);
    other.url = endpoint(member.http);
    if (member.node !== message.node) follow(other);
  }
}

function endpoint(text) {
  const port = text.slice(text.lastIndexOf(":") + 1);
  const host = text.slice(0, text.lastIndexOf(":"));
  return ["0.0.0.0", "[::]", "::"].includes(host) ? `http://${location.hostname}:${port}` : `http://${text}`;
}

// MARK: Streams

const streams = new Map();
const parameters = new URLSearchParams(location.search);
const isOnce = parameters.has("once");
const polls = isOnce || parameters.has("poll") || !("EventSource" in window);

function follow(other) {
  if (streams.has(other.name) || streams.size >= MAXIMUM_NODES) return;
  streams.set(other.name, listen(`${other.url}/dashboard/`, (message) => takeNode(message, false), () => {
    other.sample = null;
    other.silence = "does not answer";
    changed();
  }));
}

/** Messages of a stream, or of a page asked for every second. */
function listen(base, take, fail) {
  const receive = (message) => { take(message); model.updatedAt = Date.now(); changed(); };
  let isClosed = false;
  if (!polls) {
    let source = null;
    const open = () => {
      if (isClosed) return;
      source = new EventSource(`${base}stream`);
      source.onmessage = (event) => receive(JSON.parse(event.data));
      source.onerror = () => {
        fail();
        // A refused stream is not tried again by the browser itself.
        if (source.readyState === EventSource.CLOSED) setTimeout(open, 3000);
      };
    };
    open();
    return { close() { isClosed = true; source.close(); } };
  }
  const ask = async () => {
    if (isClosed) return;
    try {
      const answer = await fetch(`${base}state`, { cache: "no-store" });
      if (answer.ok) receive(await answer.json()); else fail();
    } catch { fail(); }
    if (!isOnce) setTimeout(ask, 1000);
  };
  ask();
  return { close() { isClosed = true; } };
}

/** A node whose stream says nothing, as one that is halted or cut off from here, does not answer. */
function noticeSilence() {
  if (model.supervised) return;
  for (const known of model.nodes.values()) {
    if (!known.sample || Date.now() - known.heardAt < STALE) continue;
    known.sample = null;
    known.silence = "does not answer";
    changed();
  }
}

export function start() {
  if (!isOnce) setInterval(noticeSilence, 1000);
  document.addEventListener("visibilitychange", changed);
  listen("dashboard/", (message) => (message.supervisor ? takeSupervisor(message) : takeNode(message, true)), () => {
    const own = model.own && model.nodes.get(model.own);
    if (own) { own.sample = null; own.silence = "does not answer"; }
    changed();
  });
}
