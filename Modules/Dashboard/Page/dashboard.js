// The page: takes what the model says to the panels.

import { $, setText, whole } from "./dom.js";
import { model, names, onChange, start } from "./model.js";
import { updateRing } from "./ring.js";
import { updateMembers } from "./members.js";
import { updateStory } from "./story.js";
import {
  updateHints, updateOperations, updateRepair, updateSessions, updateStorage, updateStrategies,
} from "./panels.js";
import { startExplorer, updateExplorer } from "./explorer.js";

const STALE = 5000; // milliseconds without news

function updateSummary() {
  const nodes = names().map((name) => model.nodes.get(name));
  const serving = nodes.filter((node) => node.sample?.ready && (node.state ?? "running") === "running");
  const rate = serving.reduce((sum, node) => {
    const last = node.history.at(-1);
    return sum + (last ? last.get + last.put + last.delete : 0);
  }, 0);
  const epochs = [...new Set(serving.map((node) => node.sample.epoch))];
  const from = model.own ? `· as seen from ${model.own}` : "";
  setText($("source"), model.supervised ? "· this machine's cluster" : from);
  setText($("summary"), `${serving.length} of ${nodes.length} nodes serve, epoch ${epochs.join(" and ") || "–"}, `
    + `${whole(rate)} operations a second`);
}

function updateLive() {
  const age = model.updatedAt ? Date.now() - model.updatedAt : Infinity;
  const live = $("live");
  const isLive = age < STALE;
  live.className = `live ${isLive ? "good" : "bad"}`;
  setText(live, isLive ? "live" : model.updatedAt ? "no news: what you see is old" : "no answer yet");
}

function step(name, update) {
  try {
    const outcome = update();
    outcome?.catch?.((error) => complain(name, error));
  } catch (error) { complain(name, error); }
}

/** One panel that fails does not take the others with it. */
function complain(name, error) {
  $("notice").hidden = false;
  setText($("notice"), `The panel “${name}” cannot be drawn: ${error.message}`);
  console.error(name, error);
}

onChange(() => {
  step("summary", updateSummary);
  step("ring", updateRing);
  step("members", updateMembers);
  step("what happened", updateStory);
  step("operations", updateOperations);
  step("hints", updateHints);
  step("repair", updateRepair);
  step("sessions", updateSessions);
  step("storage", updateStorage);
  step("strategies", updateStrategies);
  step("keys", updateExplorer);
  updateLive();
  document.documentElement.dataset.updated = String(Date.now());
});
setInterval(updateLive, 1000);
$("sessions-details").addEventListener("toggle", () => step("sessions", updateSessions));
for (const id of ["latency-kind", "latency-percentile"]) {
  $(id).addEventListener("change", () => step("operations", updateOperations));
}

// The system's theme, or the one chosen here.
const root = document.documentElement;
const chosen = (() => { try { return localStorage.getItem("stator-theme"); } catch { return null; } })();
if (chosen) root.dataset.theme = chosen;
$("theme").addEventListener("click", () => {
  const isDark = root.dataset.theme === "dark"
    || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = isDark ? "light" : "dark";
  try { localStorage.setItem("stator-theme", root.dataset.theme); } catch { /* It lasts for this visit. */ }
});

startExplorer();
start();
