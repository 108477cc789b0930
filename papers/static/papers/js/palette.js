// Ctrl-K, ⌘-K and / open the search from anywhere, with results as one types. Without this the plain form does it all.
const dialog = document.querySelector("[data-palette]");
const input = dialog.querySelector("input");
const list = dialog.querySelector("[role=listbox]");
const status = dialog.querySelector("[role=status]");
let timer = 0;
let request = new AbortController();

function options() {
  return [...list.querySelectorAll("[role=option]")];
}

function active() {
  return list.querySelector("[aria-selected=true]");
}

function activate(option) {
  active()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option?.id ?? "");
}

function show(html, words) {
  list.innerHTML = html;
  list.hidden = !options().length;
  input.setAttribute("aria-expanded", String(!list.hidden));
  status.textContent = words ?? list.firstElementChild?.dataset.status ?? "";
  activate(null);
}

async function find() {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  const query = input.value.trim();
  if (!query) return show("");
  try {
    const response = await fetch(`${dialog.dataset.url}?${new URLSearchParams({ q: query })}`, { signal });
    if (!response.ok) throw new Error(response.status);
    const html = await response.text();
    if (!signal.aborted) show(html);
  } catch {
    if (!signal.aborted) show("", dialog.dataset.failed);
  }
}

function findSoon() {
  clearTimeout(timer);
  timer = setTimeout(find, 150);
}

function open() {
  if (dialog.open) return;
  dialog.showModal();
  input.select();
  if (input.value) findSoon();
}

function isTyping({ target }) {
  return target.isContentEditable || target.closest?.("input, textarea, select");
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.defaultPrevented) return;
  const isChord = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k";
  const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyping(event);
  const isOff = document.documentElement.dataset.shortcuts === "off";
  // Where another dialog is open, it keeps its keys.
  if ((!isChord && (!isSlash || isOff)) || document.querySelector("dialog:modal")) return;
  event.preventDefault();
  open();
});

input.addEventListener("input", ({ isComposing }) => {
  if (!isComposing) findSoon(); // half a word of an input method finds nothing sensible
});
input.addEventListener("compositionend", findSoon);

input.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // Enter and arrows belong to the input method
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = options();
  if (step && all.length) {
    event.preventDefault();
    const place = active() ? all.indexOf(active()) + step : Math.min(step, 0);
    activate(all.at(place % all.length));
  } else if (event.key === "Enter" && active()) {
    event.preventDefault();
    active().click();
  }
});

dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest("a")) dialog.close(); // beside it, or to a place on this page
});
addEventListener("pagehide", () => dialog.close());
