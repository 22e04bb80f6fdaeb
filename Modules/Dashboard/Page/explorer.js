// Keys: read, write, delete, resolve, explain.

import { $, h, svg, whole } from "./dom.js";
import { address, colour, model, names } from "./model.js";
import { markKey } from "./ring.js";

const SHOWN_TEXT = 4096; // characters
const SHOWN_BYTES = 256;

/** The key and the context of what was read last: a write of the same key supersedes it. */
let lastRead = { key: null, context: null };

export function updateExplorer() {
  const select = $("key-node");
  const all = model.supervised ? names() : model.own ? [model.own] : [];
  if (select.dataset.nodes === all.join(" ")) return;
  select.dataset.nodes = all.join(" ");
  const chosen = select.value;
  select.replaceChildren(...all.map((name) => h("option", {}, name)));
  if (all.includes(chosen)) select.value = chosen;
}

export function startExplorer() {
  $("explorer-form").addEventListener("submit", (event) => { event.preventDefault(); run(read); });
  $("explain").addEventListener("click", () => run(explain));
  $("delete").addEventListener("click", () => run(remove));
  $("put").addEventListener("click", () => run(put));
}

async function run(action) {
  if (!$("key").value) return show(h("p", {}, "Name a key."));
  try {
    await action();
  } catch (error) {
    show(h("p", {}, `${$("key-node").value} does not answer: ${error.message}`));
  }
}

const show = (...content) => $("explorer-result").replaceChildren(...content);

function keyPath() {
  const key = $("key").value;
  const encoded = $("key-form").value === "text" ? encodeURIComponent(key) : key.replace(/[^A-Za-z0-9%._~-]/g, encodeURIComponent);
  return `/kv/${encoded}`;
}

const ask = (path, options) => fetch(address($("key-node").value, path), { cache: "no-store", ...options });

const contextOf = () => (lastRead.key === keyPath() ? lastRead.context : null);

async function failure(answer) {
  const text = await answer.text();
  let message = text.slice(0, 400);
  try { message = JSON.parse(text).error?.message ?? message; } catch { /* It is no JSON. */ }
  return h("p", {}, `${answer.status}: ${message}`);
}

// MARK: Reading

async function read() {
  const path = keyPath();
  const answer = await ask(path);
  lastRead = { key: path, context: answer.headers.get("X-Stator-Context") };
  if (answer.status === 300) return showSiblings(parsed(await answer.text()));
  if (answer.status !== 200) return show(await failure(answer));
  const type = answer.headers.get("Content-Type") ?? "";
  const raw = new Uint8Array(await answer.arrayBuffer());
  if (type.startsWith("application/json")) {
    const page = parsed(new TextDecoder().decode(raw));
    if (page && typeof page === "object" && "context" in page && "key" in page) {
      return show(
        h("p", {}, `One version, ${page.version?.dot ?? ""}`), valueOf(page),
        h("p", { class: "detail" }, page.version?.causality ?? ""));
    }
  }
  show(h("p", {}, `One version: ${whole(raw.length)} bytes of ${type || "no type"}`), preview(raw));
}

/** Whether numbers that JavaScript cannot hold can be kept as they were written. */
const KEEPS_NUMBERS = "rawJSON" in JSON;

/** JSON as the node has it: a number that JavaScript would change stays as it was written. */
function parsed(text) {
  const exact = (_, value, context) => (KEEPS_NUMBERS && typeof value === "number" && context?.source !== undefined
    && context.source !== String(value) ? JSON.rawJSON(context.source) : value);
  try { return JSON.parse(text, exact); } catch { return null; }
}

function shorten(text) {
  if (text.length <= SHOWN_TEXT) return text;
  return `${text.slice(0, SHOWN_TEXT)}\n… ${whole(text.length - SHOWN_TEXT)} characters more`;
}

function preview(raw) {
  const head = raw.slice(0, SHOWN_TEXT);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head);
    const rest = raw.length > head.length ? `\n… ${whole(raw.length - head.length)} bytes more` : "";
    if (!/[\u0000-\u0008\u000e-\u001f]/.test(text)) return h("pre", {}, text + rest);
  } catch { /* It is binary. */ }
  const lines = [];
  for (let at = 0; at < Math.min(raw.length, SHOWN_BYTES); at += 16) {
    const row = [...raw.slice(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  if (raw.length > SHOWN_BYTES) lines.push(`… ${whole(raw.length - SHOWN_BYTES)} bytes more`);
  return h("pre", {}, lines.join("\n"));
}

function valueOf(entry) {
  if (entry.deleted) return h("p", {}, "(deleted)");
  if (entry.value_base64 !== undefined) return preview(unpacked(entry.value_base64));
  return h("pre", {}, shorten(JSON.stringify(entry.value, null, 1)));
}

const unpacked = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

function showSiblings(page) {
  show(
    h("p", {}, `${page.siblings.length} concurrent versions: nobody saw another's write. `
      + "Keep one, or write what unites them."),
    h("ul", { class: "siblings" }, page.siblings.map((sibling) => h("li", {},
      valueOf(sibling), h("p", { class: "detail" }, sibling.dot ?? ""),
      h("button", { type: "button", class: "keep", onclick: () => run(() => keep(sibling)) },
        sibling.deleted ? "Delete it" : "Keep this")))),
    h("button", { type: "button", id: "unite", onclick: () => unite(page) }, "Edit a union of all"));
}

async function keep(sibling) {
  if (sibling.deleted) return remove();
  if (sibling.value_base64 !== undefined) {
    const type = sibling.content_type || "application/octet-stream";
    return written(await write(unpacked(sibling.value_base64), type, contextOf()));
  }
  if (!KEEPS_NUMBERS) {
    // Written back by this browser, a long number would become another one.
    $("value").value = JSON.stringify(sibling.value);
    return show(h("p", {}, "This browser may change long numbers: check the value below, and put it."));
  }
  return written(await write(JSON.stringify({ value: sibling.value }), "application/json", contextOf()));
}

/** Arrays are joined; other values are listed for a person to decide. */
function unite(page) {
  const values = page.siblings.filter((sibling) => "value" in sibling).map((sibling) => sibling.value);
  const isArrays = values.every(Array.isArray);
  const union = isArrays ? [...new Map(values.flat().map((value) => [JSON.stringify(value), value])).values()] : values;
  $("value").value = JSON.stringify(union);
  $("value-form").value = "json";
  $("sibling").checked = false;
  $("value").focus();
  const rest = page.siblings.length - values.length;
  if (rest > 0) {
    $("explorer-result").append(h("p", { role: "alert" },
      `${rest} of the siblings are no JSON and not in the union: putting it replaces them too.`));
  }
}

// MARK: Writing

async function write(body, type, context) {
  const headers = { "Content-Type": type };
  if (context) headers["X-Stator-Context"] = context;
  return ask(keyPath(), { method: "PUT", headers, body });
}

async function put() {
  const text = $("value").value;
  let [body, type] = [text, "text/plain; charset=utf-8"];
  if ($("value-form").value === "json") {
    if (parsed(text) === null && text.trim() !== "null") {
      return show(h("p", {}, "The value is no JSON: quote a string, or choose text."));
    }
    // The text goes as it was typed, so that no digit of a number is lost.
    [body, type] = [`{"value":${text}}`, "application/json"];
  }
  return written(await write(body, type, $("sibling").checked ? "none" : contextOf()));
}

async function remove() {
  const context = contextOf();
  const answer = await ask(keyPath(), { method: "DELETE", headers: context ? { "X-Stator-Context": context } : {} });
  return written(answer);
}

async function written(answer) {
  if (!answer.ok) return show(await failure(answer));
  const page = await answer.json();
  lastRead = { key: null, context: null };
  show(h("p", {}, `${page.status} by ${page.node}`));
  if ($("explain-picture").childElementCount > 0) await explain(true);
  return undefined;
}

// MARK: Explaining

async function explain(keepsResult = false) {
  const answer = await ask(`${keyPath()}/explain`);
  if (!answer.ok) return show(await failure(answer));
  const page = await answer.json();
  markKey(page.token, page.preference_list.slice(0, page.n));
  if (keepsResult !== true) {
    show(h("p", {}, `token ${page.token}, partition ${page.partition.first}…${page.partition.last}, `
      + `epoch ${page.epoch}; coordinated by ${page.coordinator}; `
      + `preference list ${page.preference_list.join(", ")} (n = ${page.n})`));
  }
  $("explain-picture").replaceChildren(picture(page), h("figcaption", {}, "The key, its replicas in the order of the "
    + "preference list, and fallbacks. Replicas with the same stripe hold the same."));
  return undefined;
}

const OUTLINE = { fill: "none", stroke: "currentColor", "stroke-opacity": 0.4 };

function holding(replica) {
  if (!replica.holds) return "nothing";
  if (replica.tombstone) return "tombstone";
  return replica.siblings > 1 ? `${replica.siblings} siblings` : "value";
}

const STRIPES = ["#59a14f", "#e15759", "#b07aa1", "#edc948", "#76b7b2"];

function picture(page) {
  const replicas = page.replicas;
  const [width, height] = [168, 126];
  const columns = Math.max(1, Math.min(replicas.length, 6));
  const total = [columns * (width + 12) + 12, 70 + Math.ceil(replicas.length / columns) * (height + 14)];
  const digests = [...new Set(replicas.filter((replica) => replica.digest).map((replica) => replica.digest))];
  const boxes = replicas.flatMap((replica, index) => {
    const x = 12 + (index % columns) * (width + 12);
    const y = 64 + Math.floor(index / columns) * (height + 14);
    const isReplica = replica.role === "replica";
    const lines = replica.answered ? [
      replica.recovering ? "recovering" : holding(replica),
      replica.digest ? `digest ${replica.digest.slice(0, 8)}` : "",
      replica.hints_for?.length ? `keeps it for ${replica.hints_for.join(", ")}` : "",
      replica.last_repair ? `repaired ${replica.last_repair.slice(11, 19)}` : "",
      shortened(replica.causality ?? "", 22),
    ] : ["no answer"];
    return [
      svg("line", {
        ...OUTLINE, x1: total[0] / 2, y1: 34, x2: x + width / 2, y2: y,
        "stroke-dasharray": isReplica && replica.answered ? null : "4 3",
      }),
      svg("rect", { ...OUTLINE, x, y, width, height, rx: 7, "stroke-dasharray": replica.answered ? null : "4 3" }),
      svg("rect", {
        x: x + 1, y: y + 8, width: 5, height: height - 16,
        fill: replica.digest ? STRIPES[digests.indexOf(replica.digest) % STRIPES.length] : "none",
      }),
      svg("circle", { cx: x + 20, cy: y + 18, r: 7, fill: colour(replica.node) }),
      svg("text", { x: x + 33, y: y + 22 }, `${replica.node} · ${replica.role}`),
      lines.filter(Boolean).map((line, position) =>
        svg("text", { x: x + 14, y: y + 44 + position * 17, class: position ? "faint" : null }, line)),
    ];
  });
  const label = replicas.map((replica) => `${replica.node}, ${replica.role}: `
    + (replica.answered ? holding(replica) : "no answer")
    + (replica.hints_for?.length ? `, keeps it for ${replica.hints_for.join(" ")}` : "")).join("; ");
  return svg("svg", { viewBox: `0 0 ${total[0]} ${total[1]}`, role: "img", "aria-label": label, style: null },
    boxes,
    svg("rect", { x: total[0] / 2 - 110, y: 8, width: 220, height: 27, rx: 13, fill: "canvas", stroke: "currentColor" }),
    svg("text", { x: total[0] / 2, y: 26, "text-anchor": "middle" }, shortened(page.key ?? "", 32)));
}

const shortened = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
