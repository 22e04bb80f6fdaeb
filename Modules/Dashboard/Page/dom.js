// Small helpers. Everything that comes from outside becomes text, never markup.

export const $ = (id) => document.getElementById(id);

/** An element with properties, attributes (where the name has a dash or is `class`) and children. */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Changes text only where it differs: what is selected or read aloud is left alone. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const swatch = (colour) => svg("svg", { class: "swatch", viewBox: "0 0 1 1", "aria-hidden": "true" },
  svg("rect", { width: 1, height: 1, fill: colour }));

/**
 * Keeps a table's rows by key, so that what has the focus keeps it.
 * cells(item) gives, for each column, a text, or an object {text, badge, node}.
 */
export function table(element, caption, columns, items, keyOf, cells) {
  if (!element.tHead) {
    element.append(h("caption", {}, caption), h("thead", {}, h("tr")), h("tbody"));
  }
  const titles = columns.map((column) => column.title).join("\u0000");
  if (element.dataset.titles !== titles) {
    element.dataset.titles = titles;
    element.tHead.rows[0].replaceChildren(...columns.map((column) =>
      h("th", { scope: "col", class: column.number ? "number" : null }, column.title)));
    element.tBodies[0].replaceChildren();
  }
  const body = element.tBodies[0];
  const known = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  items.forEach((item, index) => {
    const key = String(keyOf(item));
    let row = known.get(key);
    if (!row) {
      row = h("tr", { "data-key": key }, columns.map((column, position) =>
        h(position === 0 ? "th" : "td", { class: column.number ? "number" : null, scope: position === 0 ? "row" : null })));
    }
    known.delete(key);
    cells(item).forEach((cell, position) => setCell(row.cells[position], cell));
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
  for (const row of known.values()) row.remove();
}

function setCell(element, cell) {
  if (cell && typeof cell === "object") {
    if (cell.node) {
      if (element.firstChild !== cell.node || element.childNodes.length !== 1) element.replaceChildren(cell.node);
      return;
    }
    const signature = JSON.stringify(cell);
    if (element.dataset.shown === signature) return;
    element.dataset.shown = signature;
    element.replaceChildren(...(cell.colour ? [swatch(cell.colour)] : []),
      cell.badge ? h("span", { class: `badge ${cell.badge}` }, cell.text) : cell.text);
  } else {
    setText(element, cell === null || cell === undefined ? "–" : String(cell));
  }
}

export const whole = (number) => Math.round(number).toLocaleString("en");

export function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (number >= 1024 && unit < units.length - 1) { number /= 1024; unit += 1; }
  return `${unit === 0 ? number : number.toFixed(1)} ${units[unit]}`;
}

export function microseconds(number) {
  return number < 1000 ? `${number} µs` : number < 1e6 ? `${(number / 1000).toFixed(1)} ms` : `${(number / 1e6).toFixed(1)} s`;
}
