// Nothing typed is lost. What stands in the form goes to the server while it is typed, and to this computer while the
// server does not take it; the form itself is sent only after the server has the text and still knows who is there.
const status = document.getElementById("working-copy");
const form = status?.closest("form");
const words = status?.dataset ?? {};
const offers = document.getElementById("working-offers");
const PREFIX = `papercache-working-${words.account}-${words.kind}-`; // one account is never shown another's text
const OF_THIS = `${PREFIX}${words.uid}.`;
const KEY = `${OF_THIS}${form?.elements.working_writer.value}`; // of this window alone
const PAUSE = 2000; // after the last key
const LONGEST = 5000; // while typing goes on
const PATIENCE = 15000; // after the server did not take it
const KEEPALIVE_BYTES = 60000; // browsers refuse more than 64 kB once the page is gone
const LOCAL_LENGTH = 2000000;
const SERVER_BYTES = 640000; // it takes no longer text, which need not be sent to learn that
const NOT_TYPED = /^(csrfmiddlewaretoken|confirmed|thing_uid|based_on|working_.*)$/;

let kept = "";
let queue = Promise.resolve();
let pause = 0;
let nextTry = 0;
let outcome = "";
let isChecking = false;
let isLeaving = false;

const entries = () => [...new FormData(form)].filter(([, value]) => typeof value === "string");
// By name: a box that another module moves to another place in the form says nothing new.
const byName = ([a], [b]) => (a < b ? -1 : Number(a > b));
const snapshot = () => JSON.stringify(entries().filter(([name]) => !NOT_TYPED.test(name)).sort(byName));
const isChanged = () => snapshot() !== kept;

// --- What the editor is told --------------------------------------------------------------------------------

function say(text, isProblem, link) {
  if (status.textContent === text) return;
  status.hidden = false;
  status.classList.toggle("is-problem", isProblem);
  if (isProblem) status.setAttribute("role", "alert");
  else status.removeAttribute("role");
  status.replaceChildren(text);
  if (link) {
    const anchor = Object.assign(document.createElement("a"), { href: words.loginUrl, target: "_blank" });
    anchor.textContent = words.login;
    status.append(" ", anchor);
  }
}

function tell(what, isHeld = true) {
  if (what === "expired") say(words.expired, true, true);
  else if (!isHeld) say(words.full, true);
  else say(words[what] ?? words.local, true);
}

// --- This computer ------------------------------------------------------------------------------------------

function hold() {
  const title = form.elements.title ?? form.elements.name;
  const copy = { at: Date.now(), isNew: "isNew" in words, title: title?.value ?? "", fields: entries() };
  copy.fields = copy.fields.filter(([name]) => name !== "csrfmiddlewaretoken");
  const text = JSON.stringify(copy);
  try {
    if (text.length > LOCAL_LENGTH) return false;
    localStorage.setItem(KEY, text);
    return true;
  } catch {
    return false; // full, or not allowed
  }
}

function held(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Not allowed: then there is nothing either.
  }
}

function heldKeys() {
  const isOffered = (key) => key.startsWith(OF_THIS) || ("isNew" in words && key.startsWith(PREFIX) && held(key)?.isNew);
  try {
    return Object.keys(localStorage).filter(isOffered);
  } catch {
    return [];
  }
}

// --- The server ---------------------------------------------------------------------------------------------

async function ask(url, options = {}) {
  try {
    return await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(20000), ...options });
  } catch {
    return null;
  }
}

function meaning(response) {
  if (!response) return "offline";
  if (response.type === "opaqueredirect") return "expired"; // to the login page
  if (response.ok) return "kept";
  return { 403: "forbidden", 409: "elsewhere" }[response.status] ?? "local";
}

// Logging in again in another tab makes the token of this form worthless: it is told the new one.
async function identify() {
  const response = await ask(words.tokenUrl);
  const answer = meaning(response);
  if (answer !== "kept") return answer === "forbidden" ? "local" : answer;
  const { token, account } = await response.json();
  if (String(account) !== words.account) return "other";
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token;
  return "kept";
}

function bodyOf(fields) {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("working_account", words.account);
  return body;
}

async function post(url, fields, options) {
  const response = await ask(url, { method: "POST", body: bodyOf(fields()), ...options });
  if (meaning(response) !== "forbidden") return [meaning(response), response];
  const answer = await identify();
  if (answer !== "kept") return [answer, null];
  const again = await ask(url, { method: "POST", body: bodyOf(fields()), ...options });
  return [meaning(again) === "forbidden" ? "local" : meaning(again), again];
}

async function keep(options) {
  const text = snapshot();
  if (text === kept) return "kept";
  const isTooLong = new Blob([text]).size > SERVER_BYTES;
  const [answer, response] = isTooLong ? ["local", null] : await post(words.storeUrl, entries, options);
  outcome = answer;
  if (answer === "kept") {
    kept = text;
    nextTry = 0;
    forget(KEY);
    say(`${words.kept} ${(await response.json()).time}`, false);
  } else {
    nextTry = Date.now() + PATIENCE;
    tell(answer, hold());
  }
  return answer;
}

function inTurn(options) {
  queue = queue.then(() => keep(options));
  return queue;
}

// --- When -----------------------------------------------------------------------------------------------------

function keepIfChanged() {
  clearTimeout(pause);
  if (isLeaving || isChecking || !isChanged()) return;
  if (Date.now() >= nextTry) inTurn();
  else tell(outcome, hold());
}

function keepBeforeLeaving() {
  if (isLeaving || !isChanged()) return;
  hold();
  const isSmall = new Blob([snapshot()]).size < KEEPALIVE_BYTES;
  inTurn({ keepalive: isSmall });
}

async function comeBack() {
  if (outcome !== "expired" && outcome !== "other") return;
  const answer = await identify();
  if (answer !== "kept") return;
  outcome = "";
  nextTry = 0;
  say(words.back, false);
  if (isChanged()) inTurn();
}

async function check(submitter) {
  let answer = isChanged() ? await inTurn() : await identify();
  if (answer === "elsewhere" || answer === "local") answer = await identify(); // held here; the form may still be taken
  if (answer === "kept") {
    isLeaving = true;
    setTimeout(() => { isLeaving = false; }, PATIENCE); // the page is still there: it was not sent, or stays
    form.requestSubmit(submitter);
    return;
  }
  outcome = answer;
  tell(answer === "offline" ? "unsent" : answer, hold());
}

function beforeSending(event) {
  if (isLeaving) return;
  event.preventDefault();
  if (isChecking) return;
  isChecking = true;
  check(event.submitter).finally(() => { isChecking = false; });
}

// --- What this computer has from before ---------------------------------------------------------------------

function button(text, act) {
  const element = Object.assign(document.createElement("button"), { type: "button", textContent: text, className: "button" });
  element.addEventListener("click", act);
  return element;
}

async function take(key, url) {
  const replaced = document.querySelector(".working-offer [name=working_writer]")?.value ?? "";
  const fields = held(key).fields.filter(([name]) => name !== "working_replaces");
  const [answer] = await post(words.storeUrl, () => [...fields, ["working_replaces", replaced]]);
  if (answer !== "kept") return tell(answer);
  forget(key);
  kept = snapshot();
  location.assign(url);
}

function offer(key, copy, { html, url }) {
  const panel = Object.assign(document.createElement("section"), { className: "working-note working-offer" });
  const heading = document.createElement("h2");
  const when = new Date(copy.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  heading.textContent = `${copy.isNew ? `${words.foundNew} ${copy.title}` : words.found} · ${when}`;
  const changes = document.createElement("details");
  changes.open = true;
  changes.innerHTML = html; // a piece of the admin's own page
  const summary = document.createElement("summary");
  summary.textContent = words.against;
  changes.prepend(summary);
  const choices = document.createElement("p");
  choices.append(
    button(words.take, () => take(key, url)),
    " ",
    button(words.discard, () => { forget(key); panel.remove(); }),
  );
  panel.append(heading, changes, choices);
  offers.append(panel);
}

function isOffered() {
  return form.elements.working_replaces.value || document.querySelector(".working-offer [name=working_writer]");
}

async function offerHeld() {
  for (const key of heldKeys()) {
    const copy = held(key);
    if (!copy) continue;
    const [answer, response] = await post(words.comparisonUrl, () => copy.fields);
    if (answer !== "kept") continue;
    const found = await response.json();
    if (!found.html || (found.isHeld && isOffered())) forget(key); // saved meanwhile, or offered by the server
    else offer(key, copy, found);
  }
}

if (form) {
  kept = document.querySelector(".errornote") ? "" : snapshot(); // a form that was refused is not saved
  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(keepIfChanged, PAUSE);
  });
  form.addEventListener("submit", beforeSending);
  setInterval(() => { if (!document.hidden) keepIfChanged(); }, LONGEST);
  addEventListener("online", () => { nextTry = 0; keepIfChanged(); });
  addEventListener("focus", comeBack);
  document.addEventListener("visibilitychange", () => (document.hidden ? keepBeforeLeaving() : comeBack()));
  addEventListener("pagehide", keepBeforeLeaving);
  addEventListener("beforeunload", (event) => {
    if (!isLeaving && status.textContent === words.full && isChanged()) event.preventDefault();
  });
  offerHeld();
}
