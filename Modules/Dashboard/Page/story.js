// What happened, latest first: what several nodes say of the same thing at the same time is one line.

import { $, h, swatch } from "./dom.js";
import { colour, model } from "./model.js";

const SHOWN = 120;
const TOGETHER = 3000; // milliseconds

export function updateStory() {
  const lines = [];
  for (const event of model.events) {
    const same = event.teller && lines.findLast((line) =>
      line.text === event.text && line.kind === event.kind && event.time_ms - line.time_ms < TOGETHER);
    if (same) {
      if (!same.tellers.includes(event.teller)) same.tellers.push(event.teller);
    } else {
      lines.push({ ...event, tellers: event.teller ? [event.teller] : [] });
    }
  }
  const list = $("story");
  const shown = lines.slice(-SHOWN).reverse();
  const signature = shown.map((line) => `${line.time_ms}${line.tellers}${line.text}`).join("\n");
  if (list.dataset.shown === signature) return;
  list.dataset.shown = signature;
  list.replaceChildren(...shown.map((line) => h("li", { class: mood(line) },
    h("time", { datetime: new Date(line.time_ms).toISOString() }, new Date(line.time_ms).toLocaleTimeString("en-GB")),
    line.tellers.sort().map((name) => h("b", { class: "teller" }, swatch(colour(name)), name)), line.text)));
}

function mood(line) {
  if (line.kind === "liveness") {
    if (line.text.startsWith("hears")) return "good";
    return line.text.startsWith("suspects") ? "warn" : "bad";
  }
  if (line.kind === "ready") return line.text === "serves" ? "good" : "warn";
  if (["failure", "storage"].includes(line.kind)) return "bad";
  if (["hints", "conflicts", "quorum", "overload", "faults"].includes(line.kind)) {
    return line.text.startsWith("handed over") ? "good" : "warn";
  }
  if (line.kind === "supervisor") return /killed|ended|lost|cut|paused/.test(line.text) ? "bad" : "good";
  return null;
}
