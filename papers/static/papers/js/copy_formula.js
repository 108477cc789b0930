// A click on a formula copies its TeX, and says so. By keyboard: formulas are no stops of the Tab key, since a note has
// hundreds; what is selected and copied holds the TeX of the formulas in it. Wide formulas, which have to be scrolled,
// are stops (wide.js), and Enter copies there.
const notice = document.createElement("output");
notice.className = "formula-notice";
let timer = 0;

function sourceOf(formula) {
  return formula.querySelector("annotation")?.textContent ?? "";
}

function typed(formula) {
  return formula.matches("div") ? `$$${sourceOf(formula)}$$` : `$${sourceOf(formula)}$`;
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeBySelection(text);
  }
}

// For pages that are not served by HTTPS.
function writeBySelection(text) {
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

async function copy(formula) {
  const done = await write(sourceOf(formula));
  const { copied, failed } = document.querySelector("[data-copied]").dataset;
  notice.textContent = done ? copied : failed;
  clearTimeout(timer);
  timer = setTimeout(() => notice.replaceChildren(), 2000);
}

function formulaOf(event) {
  return event.target.closest("a, button") ? null : event.target.closest(".formula");
}

function onClick(event) {
  const formula = formulaOf(event);
  if (formula && document.getSelection().isCollapsed) copy(formula);
}

function onKey(event) {
  if (event.key === "Enter" && event.target.matches(".formula")) copy(event.target);
}

function onCopy(event) {
  const selection = document.getSelection();
  if (selection.isCollapsed || !event.clipboardData || event.target.closest("input, textarea")) return;
  const part = selection.getRangeAt(0).cloneContents();
  const formulas = part.querySelectorAll(".formula");
  if (!formulas.length) return;
  for (const formula of formulas) if (sourceOf(formula)) formula.replaceWith(typed(formula));
  const box = document.createElement("div");
  box.className = "visually-hidden";
  box.append(part);
  document.body.append(box);
  event.clipboardData.setData("text/plain", box.innerText);
  event.clipboardData.setData("text/html", box.innerHTML);
  box.remove();
  event.preventDefault();
}

if (document.querySelector(".formula")) {
  document.body.append(notice);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("copy", onCopy);
}
