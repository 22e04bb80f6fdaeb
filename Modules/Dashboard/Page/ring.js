// The ring as a picture: partitions coloured by their first replica, those that move drawn outside.

import { $, h, svg, setText, swatch } from "./dom.js";
import { address, anyNode, colour, model, names } from "./model.js";

const SIZE = 320;
const CENTRE = SIZE / 2;
const INNER = 96;
const OUTER = 122;
const MOVING = 136;
const DRAWN = 4096; // arcs

let ring = null;
let signature = "";
let isLoading = false;
let selected = -1;
/** {token, replicas} of the key that the explorer explains. */
let marked = null;

const place = (token) => parseInt(token.slice(0, 13), 16) / 2 ** 52;

function point(share, radius) {
  const angle = share * 2 * Math.PI - Math.PI / 2;
  return `${(CENTRE + radius * Math.cos(angle)).toFixed(2)} ${(CENTRE + radius * Math.sin(angle)).toFixed(2)}`;
}

function arc(from, to, inner, outer) {
  const length = (to - from + 1) % 1 || 1;
  const end = from + Math.min(length, 0.99999);
  const large = length > 0.5 ? 1 : 0;
  return `M${point(from, outer)}A${outer} ${outer} 0 ${large} 1 ${point(end, outer)}`
    + `L${point(end, inner)}A${inner} ${inner} 0 ${large} 0 ${point(from, inner)}Z`;
}

export async function updateRing() {
  drawLegend();
  const asked = anyNode();
  const sample = asked && model.nodes.get(asked)?.sample;
  if (!sample || isLoading) return;
  const statuses = sample.members.map((member) => member.node + member.status);
  const wanted = `${sample.epoch} ${sample.changing} ${statuses} ${names()}`;
  if (wanted === signature) return;
  isLoading = true;
  try {
    const answer = await fetch(address(asked, "/ring?partitions=true"));
    if (answer.ok) { ring = await answer.json(); signature = wanted; selected = -1; draw(); }
  } catch { /* The next sample asks again. */ } finally { isLoading = false; }
}

/** Parts of the ring whose replicas change with the next epoch: [{from, to, gains, loses}]. */
function moves() {
  if (!ring.next?.ranges) return [];
  const now = ring.ranges.map((range) => ({ last: BigInt(`0x${range.last}`), replicas: range.replicas }));
  const next = ring.next.ranges.map((range) => ({ last: BigInt(`0x${range.last}`), replicas: range.replicas }));
  const found = [];
  let [i, j, from] = [0, 0, 0n];
  const share = (token) => Number(token >> 12n) / 2 ** 52;
  while (i < now.length && j < next.length) {
    const last = now[i].last < next[j].last ? now[i].last : next[j].last;
    const gains = next[j].replicas.filter((name) => !now[i].replicas.includes(name));
    if (gains.length > 0) {
      const loses = now[i].replicas.filter((name) => !next[j].replicas.includes(name));
      found.push({ from: share(from), to: share(last + 1n), gains, loses });
    }
    from = last + 1n;
    if (now[i].last === last) i += 1;
    if (next[j].last === last) j += 1;
  }
  return found;
}

function draw() {
  // Of very many partitions several are drawn as one, in the colour of the first.
  const step = Math.ceil(ring.ranges.length / DRAWN);
  const arcs = [];
  for (let index = 0; index < ring.ranges.length; index += step) {
    const [first, last] = [ring.ranges[index], ring.ranges[Math.min(index + step, ring.ranges.length) - 1]];
    arcs.push(svg("path", {
      class: "arc", d: arc(place(first.first), place(last.last) + 2 ** -52, INNER, OUTER),
      fill: colour(first.replicas[0]), "data-index": index,
    }));
  }
  const moving = ring.changing ? moves() : [];
  const changes = moving.slice(0, DRAWN).map((move) => svg("path", {
    class: "moving", fill: "none", stroke: colour(move.gains[0]), "stroke-width": 8,
    d: `M${point(move.from, MOVING)}A${MOVING} ${MOVING} 0 ${move.to - move.from > 0.5 ? 1 : 0} 1 `
      + point(move.to, MOVING),
  }));
  const gaining = [...new Set(moving.flatMap((move) => move.gains))];
  const share = moving.reduce((sum, move) => sum + ((move.to - move.from + 1) % 1 || 1), 0);
  const centre = [
    svg("text", { x: CENTRE, y: CENTRE - 12, "text-anchor": "middle" }, `epoch ${ring.epoch}`),
    svg("text", { x: CENTRE, y: CENTRE + 4, "text-anchor": "middle", class: "faint" },
      `${ring.partitions} partitions, n = ${ring.n}`),
    ring.ranges_truncated || step > 1 ? svg("text", { x: CENTRE, y: CENTRE + 40, "text-anchor": "middle", class: "faint" },
      ring.ranges_truncated ? `the first ${ring.ranges.length} are drawn` : `${step} are drawn as one`) : null,
    ring.changing ? svg("text", { x: CENTRE, y: CENTRE + 22, "text-anchor": "middle" },
      gaining.length ? `${(share * 100).toFixed(0)} % moves to ${gaining.slice(0, 3).join(", ")}` : "changing") : null,
  ];
  const picture = svg("svg", {
    viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", tabindex: 0, id: "ring-picture",
    "aria-label": `Ring of ${ring.partitions} partitions in epoch ${ring.epoch}: ${ring.nodes.map((node) =>
      `${node.node} owns ${(node.primary_share * 100).toFixed(1)} percent first`).join(", ")}`,
  }, arcs, changes, svg("g", { id: "ring-highlight" }), svg("g", { id: "ring-key" }), centre);
  picture.addEventListener("pointerover", (event) => {
    const index = event.target.dataset?.index;
    if (index !== undefined) select(Number(index));
  });
  picture.addEventListener("pointerleave", () => select(-1));
  picture.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    select((selected + step + ring.ranges.length) % ring.ranges.length);
  });
  $("ring").replaceChildren(picture);
  drawMark();
}

/** Shows where a partition's replicas are: its own arc, and a line of each replica's colour. */
function select(index) {
  selected = index;
  const group = $("ring-highlight");
  group.replaceChildren();
  if (index < 0) return setText($("ring-detail"), "Point at a partition, or focus the ring and use the arrow keys.");
  const range = ring.ranges[index];
  highlight(group, range);
  setText($("ring-detail"), `${range.first}…${range.last}: replicas ${range.replicas.join(", ")}`
    + (range.fallbacks.length ? `; fallbacks ${range.fallbacks.join(", ")}` : ""));
}

function highlight(group, range) {
  const [from, to] = [place(range.first), place(range.last) + 2 ** -52];
  const middle = from + ((to - from + 1) % 1 || 1) / 2;
  group.append(svg("path", {
    class: "arc selected", d: arc(from, to, INNER, OUTER), fill: colour(range.replicas[0]), "pointer-events": "none",
  }));
  range.replicas.forEach((name, position) => {
    const radius = INNER - 12 - position * 12;
    const [x, y] = point(middle, radius).split(" ");
    group.append(
      svg("circle", { cx: x, cy: y, r: 5, fill: colour(name), "pointer-events": "none" }),
      svg("text", { x, y: Number(y) + 3.5, "text-anchor": "middle", "pointer-events": "none" }, name.slice(0, 2)));
  });
}

/** Marks a key's place. */
export function markKey(token, replicas) {
  marked = token ? { token, replicas } : null;
  drawMark();
}

function drawMark() {
  const group = $("ring-key");
  if (!group) return;
  group.replaceChildren();
  if (!marked) return;
  const share = place(marked.token);
  const [x1, y1] = point(share, INNER - 4).split(" ");
  const [x2, y2] = point(share, MOVING + 14).split(" ");
  group.append(
    svg("line", { x1, y1, x2, y2, stroke: "currentColor", "stroke-width": 2 }),
    svg("circle", { cx: x2, cy: y2, r: 4, fill: "currentColor" }));
}

function drawLegend() {
  const shares = new Map((ring?.nodes ?? []).map((node) => [node.node, node.primary_share]));
  const list = $("legend");
  const all = names();
  const wanted = JSON.stringify(all.map((name) => [name, shares.get(name)]));
  if (list.dataset.shown === wanted) return;
  list.dataset.shown = wanted;
  list.replaceChildren(...all.map((name) => h("li", {}, swatch(colour(name)), name,
    shares.has(name) ? ` ${(shares.get(name) * 100).toFixed(1)} %` : "")));
}
