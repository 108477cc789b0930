// Lists and quotes: Enter goes on with them, on an empty item it ends them; Tab sets an item or the chosen lines in,
// Shift-Tab out. Esc gives the next Tab back to the browser, so that the keyboard can leave; elsewhere Tab is as ever.
const desk = document.querySelector("[data-desk]");
const area = desk && document.getElementById(desk.dataset.desk);
const help = document.querySelector("[data-desk-help]");
const format = document.querySelector("#id_notes_format");

const ITEM = /^([ \t]*(?:>[ \t]?)*[ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)(\[[ xX]\][ \t]+)?/;
const QUOTE = /^[ \t]*(?:>[ \t]?)+/;
const RULE = /^[ \t>]*([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const FENCE = /^[ \t>]*(?:`{3,}|~{3,})/gm;

let isReleased = false;

const change = (start, end, text, select) => area.dispatchEvent(new CustomEvent("desk:replace", { detail: { start, end, text, select } }));

function lineAround(place) {
  const { value } = area;
  const start = value.lastIndexOf("\n", place - 1) + 1;
  const end = value.indexOf("\n", place);
  return [start, end < 0 ? value.length : end];
}

function isInCode(place) {
  return (area.value.slice(0, place).match(FENCE) ?? []).length % 2 === 1;
}

// --- Enter ---

function next([, indent, sign, gap, task]) {
  const number = parseInt(sign, 10);
  return indent + (number >= 0 ? `${number + 1}${sign.at(-1)}` : sign) + gap + (task ? "[ ] " : "");
}

function goOn() {
  const { selectionStart: place, value } = area;
  const [start, end] = lineAround(place);
  const line = value.slice(start, end);
  const item = RULE.test(line) ? null : ITEM.exec(line);
  const found = item ?? QUOTE.exec(line);
  if (!found || place < start + found[0].length || isInCode(start)) return false;
  const left = item ? item[1].trimEnd() && `${item[1].trimEnd()} ` : "";
  if (line.length === found[0].length) change(start, end, left);
  else change(place, place, `\n${item ? next(item) : found[0]}`);
  return true;
}

// --- Tab ---

// As deep as the text of the item above stands: what is set in by less is no part of it.
function step(start) {
  const { value } = area;
  const above = value.slice(0, start).trimEnd();
  const lines = [above.slice(above.lastIndexOf("\n") + 1), value.slice(start, lineAround(start)[1])];
  const item = lines.map((line) => ITEM.exec(line)).find(Boolean);
  return item ? Math.min(item[2].length + item[3].length, 4) : 2;
}

function setIn(line, width) {
  return line.trim() ? " ".repeat(width) + line : line;
}

function setOut(line, width) {
  return line.replace(new RegExp(`^(?:\\t| {1,${width}})`), "");
}

function shift(isOut) {
  const { selectionStart, selectionEnd, value } = area;
  const isMany = value.slice(selectionStart, selectionEnd).includes("\n");
  const start = lineAround(selectionStart)[0];
  const end = lineAround(isMany && value[selectionEnd - 1] === "\n" ? selectionEnd - 1 : selectionEnd)[1];
  const text = value.slice(start, end);
  if (!isMany && !ITEM.test(text)) return false;
  const width = step(start);
  const now = text.split("\n").map((line) => (isOut ? setOut : setIn)(line, width)).join("\n");
  if (now === text) return false;
  const place = Math.max(start, selectionStart + now.length - text.length);
  change(start, end, now, isMany ? [start, start + now.length] : [place, place]);
  return true;
}

function onKey(event) {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || format?.value === "html") return;
  const { key, shiftKey } = event;
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey);
  const isDone = isPlain && (
    (key === "Tab" && !isReleased && shift(shiftKey))
    || (key === "Enter" && !shiftKey && area.selectionStart === area.selectionEnd && goOn())
  );
  if (isDone) event.preventDefault();
  if (key !== "Shift") isReleased = key === "Escape";
}

if (area) {
  area.addEventListener("keydown", onKey);
  area.addEventListener("blur", () => { isReleased = false; });
  const described = area.getAttribute("aria-describedby");
  area.setAttribute("aria-describedby", [described, help?.id].filter(Boolean).join(" "));
}
