// The toolbar over the source, and the same by keyboard. Each tool is pressed again to take back what it did.
// All it does goes through desk:replace, so that the browser's undo knows it.
const bar = document.querySelector("[data-desk-tools]");
const desk = document.querySelector("[data-desk]");
const area = desk && document.getElementById(desk.dataset.desk);
const format = document.querySelector("#id_notes_format");
const isMac = /Mac|iP(hone|ad|od)/.test(navigator.platform);

const change = (start, end, text, select) => area.dispatchEvent(new CustomEvent("desk:replace", { detail: { start, end, text, select } }));

// What is chosen, without blanks at its ends: `** bold**` would not be bold.
function chosen() {
  const { value, selectionStart, selectionEnd } = area;
  const text = value.slice(selectionStart, selectionEnd);
  const inner = text.trim();
  const start = selectionStart + (inner ? text.indexOf(inner) : 0);
  return { value, start, end: inner ? start + inner.length : selectionEnd, text: inner };
}

function lineAround(value, place) {
  const start = value.lastIndexOf("\n", place - 1) + 1;
  const end = value.indexOf("\n", place);
  return [start, end < 0 ? value.length : end];
}

function runAround(value, start, end, character) {
  let length = 0;
  while (value[start - 1 - length] === character && value[end + length] === character) length += 1;
  return length;
}

// `**` and `*` are told apart by how many stand there.
function isMarked({ value, start, end }, mark) {
  const run = runAround(value, start, end, mark[0]);
  return mark === "*" ? run % 2 === 1 : run >= mark.length;
}

function mark(sign) {
  const now = chosen();
  const { start, end, text } = now;
  if (isMarked(now, sign)) change(start - sign.length, end + sign.length, text, [start - sign.length, end - sign.length]);
  else change(start, end, sign + text + sign, [start + sign.length, end + sign.length]);
}

// On lines of their own: after a line with text in it, before another.
function block(opening, closing) {
  const { value, start, end, text } = chosen();
  const before = value.slice(0, start), after = value.slice(end);
  const head = (before && !before.endsWith("\n") ? "\n\n" : "") + opening;
  const tail = closing + (after && !after.startsWith("\n") ? "\n\n" : "");
  const at = start + head.length;
  change(start, end, head + text + tail, [at, at + text.length]);
}

function isOfLines({ value, start, text }) {
  const [from, to] = lineAround(value, start);
  return text.includes("\n") || (!text && !value.slice(from, to).trim());
}

function link() {
  const { start, end, text } = chosen();
  if (/^https?:\/\/\S+$/.test(text)) return change(start, end, `[](${text})`, [start + 1, start + 1]);
  const at = text ? start + text.length + 3 : start + 1;
  return change(start, end, `[${text}]()`, [at, at]);
}

function heading() {
  const { value, start } = chosen();
  const [from, to] = lineAround(value, start);
  const [had] = /^(#{1,6}[ \t]+)?/.exec(value.slice(from, to));
  const now = { 0: "## ", 2: "### ", 3: "#### " }[had.trim().length] ?? "";
  const at = Math.max(from, start - had.length) + now.length;
  change(from, from + had.length, now, [at, at]);
}

function table() {
  const { value, start } = chosen();
  const [from, end] = lineAround(value, start);
  const [first, second] = bar.dataset.columns.split("|");
  const gap = value.slice(from, end).trim() ? "\n\n" : "";
  const text = `${gap}| ${first} | ${second} |\n| --- | --- |\n|  |  |\n`;
  change(end, end, text, [end + gap.length + 2, end + gap.length + 2 + first.length]);
}

const tools = {
  bold: () => mark("**"),
  italic: () => mark("*"),
  code: () => (chosen().text.includes("\n") ? block("```\n", "\n```") : mark("`")),
  link,
  formula: () => (isOfLines(chosen()) ? block("$$\n", "\n$$") : mark("$")),
  table,
  heading,
};

function run(name) {
  if (format?.value !== "html") tools[name]();
}

// --- The keys ---

const keys = new Map();

function onKey(event) {
  if (event.isComposing || event.altKey || event.defaultPrevented || !(isMac ? event.metaKey : event.ctrlKey)) return;
  const name = keys.get(`${event.shiftKey ? "Shift+" : ""}${event.key.toUpperCase()}`);
  if (!name) return;
  event.preventDefault();
  run(name);
}

// --- The bar: one stop of the Tab key, arrows inside ---

function focusOn(button) {
  for (const other of bar.children) other.tabIndex = other === button ? 0 : -1;
  button.focus();
}

function onBarKey(event) {
  const all = [...bar.children];
  const here = all.indexOf(document.activeElement);
  const next = { ArrowRight: here + 1, ArrowLeft: here - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  focusOn(all[next % all.length]);
}

function prepare(button, place) {
  const { tool, key } = button.dataset;
  button.tabIndex = place ? -1 : 0;
  button.title = button.ariaLabel;
  if (key) {
    keys.set(key, tool);
    const shown = key.replace("Shift+", isMac ? "⇧" : "Shift-");
    button.title = `${button.ariaLabel} ${isMac ? "⌘" : "Ctrl-"}${shown}`;
    button.ariaKeyShortcuts = `${isMac ? "Meta" : "Control"}+${key}`;
  }
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays in the source
  button.addEventListener("click", () => run(tool));
}

if (area && bar) {
  [...bar.children].forEach(prepare);
  bar.addEventListener("keydown", onBarKey);
  area.addEventListener("keydown", onKey);
  const fit = () => { bar.hidden = format?.value === "html"; };
  format?.addEventListener("change", fit);
  fit();
}
