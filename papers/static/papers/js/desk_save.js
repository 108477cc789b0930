// Ctrl-S and ⌘-S press "save and continue editing", and what was typed in, chosen and scrolled to is there again afterwards.
// It is an ordinary save: questions and merges come as ever, and the place is found after them.
const KEY = "papercache-place";
const LONGEST = 15 * 60 * 1000; // milliseconds that a merge may take
const desk = document.querySelector("[data-desk]");
const area = desk && document.getElementById(desk.dataset.desk);
const status = document.querySelector("[data-desk-status]");
const isMac = /Mac|iP(hone|ad|od)/.test(navigator.platform);

function keep() {
  const field = document.activeElement;
  const { selectionStart, selectionEnd } = area;
  const place = {
    at: Date.now(), path: location.pathname, field: field?.id ?? "", top: (field ?? area).getBoundingClientRect().top,
    scroll: area.scrollTop, height: area.style.height, selectionStart, selectionEnd,
  };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(place));
  } catch { /* it is saved all the same */ }
}

function take() {
  try {
    const place = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    sessionStorage.removeItem(KEY);
    return place;
  } catch {
    return null;
  }
}

// A new paper is at another address after its first save.
function isOfHere({ at, path }) {
  const before = document.referrer ? new URL(document.referrer).pathname : "";
  return Date.now() - at < LONGEST && [location.pathname, before].includes(path);
}

function scroller(element) {
  let one = element.parentElement;
  while (one && !(one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY))) one = one.parentElement;
  return one ?? document.scrollingElement;
}

function restore({ field, top, scroll, height, selectionStart, selectionEnd }) {
  area.style.height = height;
  area.setSelectionRange(selectionStart, selectionEnd);
  area.scrollTop = scroll;
  const focused = document.getElementById(field) ?? area;
  focused.focus({ preventScroll: true });
  const bringBack = () => scroller(focused).scrollBy(0, focused.getBoundingClientRect().top - top);
  bringBack();
  // Once more when the admin's own scripts have changed the height of what stands above.
  document.addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => setTimeout(bringBack)), { once: true });
  status.textContent = document.querySelector(".messagelist")?.innerText ?? ""; // which is out of sight
}

function save(event) {
  const isSave = event.key.toLowerCase() === "s" && (isMac ? event.metaKey : event.ctrlKey) && !event.shiftKey && !event.altKey;
  const button = area.form.querySelector("[name=_continue]");
  if (!isSave || event.isComposing || !button) return;
  event.preventDefault();
  if (event.repeat) return;
  keep();
  area.form.requestSubmit(button);
}

if (area) {
  document.addEventListener("keydown", save);
  const isAsked = document.querySelector(".errornote, .errorlist, .questions");
  if (!isAsked) {
    const place = take();
    if (place && isOfHere(place)) restore(place);
  }
}
