// The page as it will be published, beside what is typed. It is loaded whole once; then only what differs is put into it,
// so that it neither jumps nor flickers. What is wrong with the note comes with it, and is asked for without it as well.
const field = document.querySelector("[data-desk]");
const area = field && document.getElementById(field.dataset.desk);
const place = document.querySelector("[data-desk-preview]");
const button = document.querySelector("[data-desk-switch]");
const failure = document.querySelector("[data-desk-failure]");
const REMEMBERED = "papercache-preview";
const QUICK = 120, UNSEEN = 600; // milliseconds after the last key
const PATIENCE = 3000; // with an answer that does not come: the server renders one note of ours at a time

let frame = null;
let loaded = ""; // what the page was made of that the frame began with
let pristine = null; // the page as it came last, before its own scripts changed it
let request = new AbortController();
let timer = 0;
let took = 0;
let isAsking = false; // an answer is on its way
let isDue = false; // and something was typed since

const isOpen = () => !place.hidden;

function remember(value) {
  try {
    localStorage.setItem(REMEMBERED, value);
  } catch { /* it holds for this page */ }
}

function wasOpen() {
  try {
    return localStorage.getItem(REMEMBERED) === "open";
  } catch {
    return false;
  }
}

// --- The page ---

function typedNow() {
  return JSON.stringify([...new FormData(area.form)]);
}

function post(url, target) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: url, target, hidden: true });
  for (const [name, value] of new FormData(area.form)) {
    if (typeof value !== "string") continue;
    const input = document.createElement("textarea"); // keeps line breaks, which an input does not
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
  form.remove();
}

function load() {
  frame?.remove(); // with its place in the window's history
  pristine = null;
  frame = Object.assign(document.createElement("iframe"), { name: "desk-preview", title: place.dataset.title });
  frame.addEventListener("load", ready);
  place.append(frame);
  place.ariaBusy = "true";
  loaded = typedNow();
  post(place.dataset.deskPreview, frame.name);
}

function ready() {
  const page = frame.contentDocument;
  frame.hidden = !page; // the browser's own page of what went wrong: `ask` says it in our words
  if (!page) return ask();
  if (!page.querySelector("main")) return;
  page.defaultView.scrollTo(0, page.querySelector("main").offsetTop); // past the site's own header
  page.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    window.open(link.href, "_blank", "noopener");
  });
  page.addEventListener("submit", ({ target }) => { target.target = "_blank"; });
  ask();
}

// Only the nodes that differ: all around them stays as it is, with its place on the screen and what its scripts made of it.
function patch(live, before, after) {
  const old = [...before.childNodes], now = [...after.childNodes], shown = [...live.childNodes];
  if (shown.length !== old.length) return live.replaceChildren(...copies(live, now));
  let head = 0;
  while (head < old.length && head < now.length && old[head].isEqualNode(now[head])) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail).isEqualNode(now.at(-1 - tail))) tail += 1;
  const gone = old.slice(head, old.length - tail), come = now.slice(head, now.length - tail);
  if (gone.length === come.length) return gone.forEach((node, place) => change(shown[head + place], node, come[place]));
  const next = shown[old.length - tail] ?? null;
  for (const node of shown.slice(head, old.length - tail)) node.remove();
  for (const node of copies(live, come)) live.insertBefore(node, next);
}

function change(live, before, after) {
  if (before.isEqualNode(after)) return;
  const isAlike = before.cloneNode().isEqualNode(after.cloneNode()); // but for their children
  if (isAlike && before.nodeType === Node.ELEMENT_NODE && live.nodeName === before.nodeName) patch(live, before, after);
  else live.replaceWith(...copies(live, [after]));
}

function copies(live, nodes) {
  return nodes.map((node) => live.ownerDocument.importNode(node, true));
}

// Style sheets that the page did not need before: those of its first formula, say.
function addStyles(head, page) {
  const known = new Set([...head.querySelectorAll("link[rel=stylesheet]")].map((link) => link.getAttribute("href")));
  for (const link of page.head.querySelectorAll("link[rel=stylesheet]")) {
    if (!known.has(link.getAttribute("href"))) head.append(head.ownerDocument.importNode(link, true));
  }
}

function show(html, typed) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const live = frame.contentDocument;
  const [here, there] = [live, page].map((one) => one.querySelector("main"));
  addStyles(live.head, page);
  if (pristine) patch(here, pristine.querySelector("main"), there);
  else if (typed !== loaded) here.replaceChildren(...copies(here, [...there.childNodes]));
  if (live.title !== page.title) live.title = page.title;
  pristine = page;
  place.ariaBusy = "false";
  area.dispatchEvent(new CustomEvent("desk:shown", { detail: live }));
}

// --- Asking ---

async function fetchAnswer(withPage, signal) {
  const url = `${place.dataset.deskPreview}${withPage ? "" : "?page=no"}`;
  const response = await fetch(url, { method: "POST", body: new FormData(area.form), headers: { Accept: "application/json" }, signal });
  if (!response.ok || response.redirected) return { failure: place.dataset.refused };
  return response.json();
}

async function answered(signal) {
  const withPage = isOpen() && Boolean(frame?.contentDocument?.querySelector("main"));
  try {
    return await fetchAnswer(withPage, signal);
  } catch {
    return { failure: place.dataset.offline };
  }
}

async function ask() {
  clearTimeout(timer);
  request.abort(); // an answer to what was typed before must not come after that to what is typed now
  request = new AbortController();
  const { signal } = request;
  const started = performance.now();
  const typed = pristine ? "" : typedNow();
  isAsking = true;
  isDue = false;
  const answer = await answered(signal);
  if (signal.aborted) return;
  isAsking = false;
  took = performance.now() - started;
  tell(answer, typed);
  if (isDue) askSoon();
}

function tell(answer, typed) {
  failure.textContent = answer.failure;
  place.classList.toggle("is-behind", Boolean(answer.failure));
  if (answer.failure) return;
  if (answer.page && isOpen()) show(answer.page, typed);
  area.dispatchEvent(new CustomEvent("desk:answer", { detail: answer }));
}

// A page that never came is not waited for: the next key, or the network, fetches it anew.
function again() {
  if (isOpen() && !frame.contentDocument) load();
  else ask();
}

// A note that takes long to render is asked for less often.
function askSoon() {
  clearTimeout(timer);
  isDue = true;
  timer = setTimeout(again, isAsking ? PATIENCE : Math.max(isOpen() ? QUICK : UNSEEN, took / 2));
}

// --- Opening and closing ---

function toggle(open) {
  place.hidden = !open;
  button.ariaExpanded = String(open);
  area.parentElement.classList.toggle("desk-open", open);
  if (open) load();
  else {
    frame?.remove();
    area.dispatchEvent(new CustomEvent("desk:closed"));
  }
}

if (area && place) {
  const { form } = area;
  form.addEventListener("input", ({ isComposing }) => {
    if (!isComposing) askSoon(); // half a word of an input method is not what is meant
  });
  form.addEventListener("change", askSoon);
  area.addEventListener("compositionend", askSoon);
  addEventListener("online", askSoon);
  button.addEventListener("click", () => {
    toggle(!isOpen());
    remember(isOpen() ? "open" : "closed");
  });
  if (wasOpen()) toggle(true);
  else askSoon();
}
