// Lines over the last minutes, as plain SVG.

import { h, svg } from "./dom.js";

const WIDTH = 460;
const HEIGHT = 130;
const LEFT = 58;
const BOTTOM = 18;
const TOP = 8;
const SPAN = 300_000;

/** series: [{name, colour, points: [[milliseconds, value or null]]}]. */
export function lineChart(figure, title, series, format) {
  const now = Math.max(0, ...series.flatMap((one) => one.points.map(([time]) => time)));
  const visible = series.map((one) => ({ ...one, points: one.points.filter(([time]) => time > now - SPAN) }));
  const values = visible.flatMap((one) => one.points.map(([, value]) => value ?? 0));
  const most = nice(Math.max(4, ...values));
  const x = (time) => LEFT + (WIDTH - LEFT - 4) * (1 - (now - time) / SPAN);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  const axis = [0, 0.5, 1].flatMap((share) => [
    svg("line", { class: "axis", x1: LEFT, x2: WIDTH - 4, y1: y(most * share), y2: y(most * share) }),
    svg("text", { class: "faint", x: LEFT - 5, y: y(most * share) + 4, "text-anchor": "end" }, format(most * share)),
  ]);
  const ticks = [0, 100, 200, 300].map((seconds) => svg("text", {
    class: "faint", x: x(now - seconds * 1000), y: HEIGHT - 3, "text-anchor": seconds === 0 ? "end" : "middle",
  }, seconds === 0 ? "now" : `−${seconds} s`));
  const lines = visible.map((one) => svg("path", {
    d: path(one.points, x, y), fill: "none", stroke: one.colour, "stroke-width": 1.6, "stroke-dasharray": one.dash,
  }));
  const latest = visible.map((one) => `${one.name} ${text(latestOf(one, now), format)}`).join(", ");
  figure.replaceChildren(
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}, now: ${latest}` }, axis, ticks, lines),
    h("figcaption", {}, `${title}: `, visible.map((one, index) => [
      index ? ", " : "", key(one), ` ${one.name} ${text(latestOf(one, now), format)}`])));
}

/** The last value, where it is not of a node that has fallen silent. */
function latestOf(one, now) {
  const [time, value] = one.points.at(-1) ?? [0, null];
  return now - time < 3500 ? value : null;
}

const text = (value, format) => (value === null || value === undefined ? "–" : format(value));

const key = (one) => svg("svg", { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true" },
  svg("line", { x1: 0, x2: 10, y1: 5, y2: 5, stroke: one.colour, "stroke-width": 3, "stroke-dasharray": one.dash }));

function path(points, x, y) {
  let isDown = false;
  let before = 0;
  return points.map(([time, value]) => {
    if (value === null || value === undefined) { isDown = false; return ""; }
    // Nothing was heard for a while: no line across it.
    const command = isDown && time - before < 5000 ? "L" : "M";
    isDown = true;
    before = time;
    return `${command}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
  }).join("");
}

function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((step) => step * power >= value) * power;
}
