// What may be wrong with the note, while it is written: a click brings the cursor there, another mends what can be mended
// by itself. It takes the place of the list that the form came with.
const desk = document.querySelector("[data-desk]");
const area = desk && document.getElementById(desk.dataset.desk);
const panel = document.querySelector("[data-desk-problems]");
const status = document.querySelector("[data-desk-status]");
const length = document.querySelector("[data-desk-length]");

const words = (name, number) => panel.dataset[name].replace("{}", number);
const tell = (name, detail) => area.dispatchEvent(new CustomEvent(name, { detail }));

function make(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

function button(text, className, action) {
  const made = Object.assign(make("button", text, className), { type: "button" });
  made.addEventListener("click", action);
  return made;
}

function lineBounds(number) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  return [start, lines[number - 1] ?? ""];
}

function mend({ line, fix }) {
  const [start, text] = lineBounds(line);
  const at = text.indexOf(fix.old);
  status.textContent = at < 0 ? panel.dataset.changed : panel.dataset.fixed;
  if (at >= 0) tell("desk:replace", { start: start + at, end: start + at + fix.old.length, text: fix.new });
}

function item(problem) {
  const { line, snippet, sentence, fix } = problem;
  const entry = document.createElement("li");
  if (line) entry.append(button(words("line", line), "desk-goto", () => tell("desk:goto", { line, text: fix?.old || snippet })), " ");
  if (snippet) entry.append(make("code", snippet));
  const said = make("p", sentence);
  if (fix) {
    const mending = button(`${panel.dataset.fix} `, "desk-fix", () => mend(problem));
    mending.append(make("code", fix.new));
    said.append(" ", mending);
  }
  entry.append(said);
  return entry;
}

const list = document.createElement("ul");
const given = document.getElementById("note-problems");
let shown = "";

function show({ problems, count, length: text }) {
  length.textContent = text.trim();
  const key = JSON.stringify(problems);
  if (key === shown) return; // keeps the focus on a button of it
  shown = key;
  given?.remove();
  panel.id = "note-problems";
  panel.hidden = !count;
  panel.querySelector("summary").textContent = words("count", count);
  const more = count > problems.length ? [make("li", words("more", problems.length))] : [];
  list.replaceChildren(...problems.map(item), ...more);
}

if (area && panel) {
  const box = make("div", "", "note-problems");
  box.append(list);
  panel.append(box);
  if (given) panel.before(given);
  if (given && location.hash === "#note-problems") given.scrollIntoView();
  area.addEventListener("desk:answer", ({ detail }) => show(detail));
}
