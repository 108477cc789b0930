// A card for each link to a paper, a moment after the pointer or the keyboard rests on it; Esc puts it away.
// It stays while either rests on the link, or the pointer on the card. Not by touch, and not where it is switched off.
const { cardsUrl, cardsRoot } = document.querySelector("[data-cards-url]").dataset;
const LINKS = 'a.to-paper, main a[href*=".html"]';
const OPEN_AFTER = 400, CLOSE_AFTER = 250, EDGE = 8;

const main = document.querySelector("main");
const card = Object.assign(document.createElement("div"), { id: "page-card", className: "card", popover: "manual" });
card.setAttribute("role", "tooltip");
const texts = new Map();
let shown = null, timer = 0;

function isOn() {
  try {
    return localStorage.getItem("papercache-cards") !== "off";
  } catch {
    return true;
  }
}

function addressOf(link) {
  const { origin, pathname } = new URL(link.href);
  const isPaper = origin === location.origin && pathname.startsWith(cardsRoot) && pathname.endsWith(".html");
  return isPaper && pathname !== location.pathname ? cardsUrl + pathname.slice(cardsRoot.length) : null;
}

async function load(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(response.statusText);
  return response.text();
}

function later(action, delay) {
  clearTimeout(timer);
  timer = setTimeout(action, delay);
}

function hide() {
  if (!shown) return;
  shown.removeAttribute("aria-describedby");
  shown = null;
  card.remove();
}

function place(link) {
  const at = link.getBoundingClientRect(), { width, height } = card.getBoundingClientRect();
  const left = Math.max(EDGE, Math.min(at.left, document.documentElement.clientWidth - width - EDGE));
  const isRoomBelow = at.bottom + height + EDGE < innerHeight || at.top < height + EDGE;
  card.style.left = `${left + scrollX}px`;
  card.style.top = `${scrollY + (isRoomBelow ? at.bottom + 4 : at.top - height - 4)}px`;
}

async function show(link, address, mine) {
  if (!texts.has(address)) texts.set(address, load(address));
  const text = await texts.get(address).catch(() => texts.delete(address) && "");
  if (!text || timer !== mine) return;
  hide();
  shown = link;
  card.innerHTML = text;
  main.append(card);
  card.showPopover();
  place(link);
  link.setAttribute("aria-describedby", card.id);
}

function ask(link) {
  const address = isOn() && addressOf(link);
  if (link === shown) clearTimeout(timer);
  else if (address) later(() => show(link, address, timer), OPEN_AFTER);
}

function leave() {
  later(() => { if (!shown?.matches(":focus-visible")) hide(); }, CLOSE_AFTER);
}

if (main && card.showPopover) {
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "touch") return;
    const link = target.closest(LINKS);
    if (link) ask(link);
    else if (card.contains(target)) clearTimeout(timer);
    else leave();
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(LINKS) && target.matches(":focus-visible")) ask(target);
  });
  document.addEventListener("focusout", leave);
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    clearTimeout(timer);
    timer = 0;
    hide();
  });
}
