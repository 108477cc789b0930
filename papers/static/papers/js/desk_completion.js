// Papers by a few letters of their names, behind `[[` as a link and behind `【` as a citation with the next number.
const desk = document.querySelector("[data-desk]");
const area = desk && document.getElementById(desk.dataset.desk);
const list = document.querySelector("[data-desk-complete]");
const status = document.querySelector("[data-desk-status]");
const uid = document.querySelector("#id_thing_uid");
const OPENING = /(\[\[|【)(?:(?:索引|引用|文献)\s*\d*\s*[,，]?)?\s*([^[\]【】\n|]{1,60})$/;
const FENCE = /^[ \t>]*(?:`{3,}|~{3,})/gm;
const NUMBERS = /【\s*(?:索引|引用|文献)?\s*\[?(\d{1,4})/g;
const WAIT = 150; // milliseconds

let typed = null; // where the opening stands, its sign, where the cursor is
let given = null; // the opening at which Esc was pressed
let timer = 0;
let request = new AbortController();

const options = () => [...list.children];
const active = () => list.querySelector("[aria-selected=true]");

// --- The list ---

function activate(option) {
  active()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) area.setAttribute("aria-activedescendant", option.id);
  else area.removeAttribute("aria-activedescendant");
}

function close() {
  clearTimeout(timer);
  request.abort();
  if (list.hidden) return;
  list.hidden = true;
  list.replaceChildren();
  activate(null);
  for (const name of ["aria-controls", "aria-autocomplete", "aria-haspopup"]) area.removeAttribute(name);
}

function place() {
  const detail = { places: [typed.start] };
  area.dispatchEvent(new CustomEvent("desk:measure", { detail }));
  const [{ left, top }] = detail.points;
  const line = parseFloat(getComputedStyle(area).lineHeight);
  const below = area.offsetTop + top - area.scrollTop + line + 4;
  const room = area.offsetTop + area.offsetHeight - below;
  list.style.top = `${room > list.offsetHeight || below < list.offsetHeight ? below : below - line - 8 - list.offsetHeight}px`;
  list.style.left = `${area.offsetLeft + Math.max(0, Math.min(left, area.offsetWidth - list.offsetWidth))}px`;
}

function option(paper, number) {
  const made = Object.assign(document.createElement("li"), { id: `desk-paper-${number}`, role: "option" });
  made.setAttribute("aria-selected", "false");
  made.append(
    Object.assign(document.createElement("span"), { textContent: paper.title }),
    Object.assign(document.createElement("small"), { textContent: paper.about }),
  );
  made.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  made.addEventListener("click", () => insert(paper));
  return made;
}

function show(papers) {
  if (!papers.length) return close();
  list.replaceChildren(...papers.map(option));
  list.hidden = false;
  area.setAttribute("aria-controls", list.id);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-haspopup", "listbox");
  place();
  activate(list.firstElementChild);
  status.textContent = list.dataset.found.replace("{}", papers.length);
  return undefined;
}

// --- What is put into the note ---

const letters = (text) => text.replace(/[^\p{L}\p{N}]+/gu, "").toLowerCase();

// A paper that is cited already keeps its number.
function citation({ cited, title }) {
  const [name] = cited.split("，");
  for (const [, number, words] of area.value.matchAll(/【\s*(?:索引|引用|文献)?\s*\[?(\d{1,4})\]?\s*[,，]\s*([^【】]+)】/g)) {
    if ([name, title].some((one) => letters(words).startsWith(letters(one)))) return `【${number}】`;
  }
  const highest = Math.max(0, ...[...area.value.slice(0, typed.start).matchAll(NUMBERS), ...area.value.slice(typed.end).matchAll(NUMBERS)].map(([, number]) => Number(number)));
  return `【索引${highest + 1}，${cited}】`;
}

function insert(paper) {
  const { start, end, sign } = typed;
  const text = sign === "【" ? citation(paper) : paper.wikilink;
  const closed = area.value.slice(end).startsWith(sign === "【" ? "】" : "]]") ? (sign === "【" ? 1 : 2) : 0;
  close();
  given = start;
  area.dispatchEvent(new CustomEvent("desk:replace", { detail: { start, end: end + closed, text } }));
}

// --- Asking ---

function opening() {
  const end = area.selectionStart;
  if (end !== area.selectionEnd) return null;
  const found = OPENING.exec(area.value.slice(Math.max(0, end - 200), end));
  if (!found || !/[^\d\s]/.test(found[2])) return null; // 【3 is the number of a citation that is there
  const start = end - found[0].length;
  const isCode = (area.value.slice(0, start).match(FENCE) ?? []).length % 2 === 1;
  return isCode || start === given ? null : { start, end, sign: found[1], words: found[2].trim() };
}

async function ask() {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  const query = new URLSearchParams({ q: typed.words, uid: uid?.value ?? "" });
  try {
    const response = await fetch(`${list.dataset.deskComplete}?${query}`, { signal });
    const { papers } = response.ok && !response.redirected ? await response.json() : { papers: [] };
    if (!signal.aborted) show(papers);
  } catch {
    if (!signal.aborted) close(); // offline: one types on
  }
}

function look() {
  typed = opening();
  if (!typed) {
    close();
    if (area.value[given] !== "[" && area.value[given] !== "【") given = null;
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT);
}

function onKey(event) {
  if (list.hidden || event.isComposing || event.keyCode === 229) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = options();
  if (step) activate(all.at((all.indexOf(active()) + step) % all.length));
  else if ((event.key === "Enter" || event.key === "Tab") && active()) active().click();
  else if (event.key === "Escape") {
    given = typed.start;
    close();
  } else return;
  event.preventDefault(); // and nothing else is to be made of it
}

if (area && list) {
  area.addEventListener("input", ({ isComposing }) => { if (!isComposing) look(); });
  area.addEventListener("compositionend", look);
  area.addEventListener("keydown", onKey, { capture: true });
  area.addEventListener("blur", close);
  area.addEventListener("click", close);
}
