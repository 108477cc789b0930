// A record looked up from one box: fills the fields that are empty, offers what differs, and can be taken back.
const box = document.getElementById("record-box");
const asked = document.getElementById("id_record");
const LIMIT = 30_000; // milliseconds; the server gives up earlier
let number = 0;
const changes = new Map(); // field -> what it held, and what it was given

const told = box?.querySelector(".record-told");
const list = box?.querySelector(".record-differences");
const undo = box?.querySelector(".record-undo");
const ask = box?.querySelector("[name=_record]");

function words(name, values = {}) {
  return box.dataset[name].replace(/\{(\w+)\}/g, (_all, key) => values[key]);
}

function tell(...lines) {
  const paragraphs = lines.map(([text, className = ""]) => {
    return Object.assign(document.createElement("p"), { textContent: text, className });
  });
  told.replaceChildren(...paragraphs);
}

function labelOf(field) {
  return field.labels?.[0]?.textContent.trim().replace(/[:：]$/, "") ?? field.name;
}

const plain = (text) => text.replace(/\r\n?/g, "\n").trim();

/** A choice that nobody has made yet says as little as an empty field. */
function isEmpty(field) {
  const isDefault = field.matches("select") && "isNew" in box.dataset && field.selectedOptions[0]?.defaultSelected;
  return isDefault || !field.value.trim();
}

function put(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function give(field, value) {
  changes.set(field, { before: changes.get(field)?.before ?? field.value, given: value });
  put(field, value);
  undo.hidden = false;
}

/** What was typed since stays. */
function takeBack(field) {
  const change = changes.get(field);
  if (change && plain(field.value) === plain(change.given)) put(field, change.before);
  changes.delete(field);
  undo.hidden = changes.size === 0;
}

function shown(field, value) {
  return field.matches("select") ? [...field.options].find((option) => option.value === value)?.textContent ?? value : value;
}

function difference(field, value) {
  const tick = Object.assign(document.createElement("input"), { type: "checkbox" });
  const label = document.createElement("label");
  const pair = [["del", field.value], ["ins", value]].map(([tag, text]) => {
    return Object.assign(document.createElement(tag), { textContent: shown(field, text) });
  });
  label.append(tick, Object.assign(document.createElement("span"), { textContent: labelOf(field) }));
  tick.addEventListener("change", () => (tick.checked ? give(field, value) : takeBack(field)));
  const item = document.createElement("li");
  item.append(label, ...pair);
  return item;
}

function take({ source, fields, suggested, remarks }) {
  const found = Object.entries(fields)
    .map(([name, value]) => [document.getElementById(`id_${name}`), value, suggested.includes(name)])
    .filter(([field, value]) => field && plain(field.value) !== plain(value));
  const empty = found.filter(([field]) => isEmpty(field));
  const differing = found.filter(([field, , isSuggested]) => !isEmpty(field) && !isSuggested);
  list.replaceChildren(...differing.map(([field, value]) => difference(field, value)));
  list.hidden = differing.length === 0;
  const names = empty.map(([field]) => labelOf(field)).join(box.dataset.join);
  for (const [field, value] of empty) give(field, value);
  const lines = empty.length ? [[words("filled", { source, names })]] : [];
  if (!empty.length && !differing.length) lines.push([words("nothing", { source })]);
  lines.push(...remarks.map((text) => [text, "help"]));
  if (differing.length) lines.push([words("differ", { source })]);
  tell(...lines);
}

async function lookUp() {
  const mine = ++number;
  const body = new FormData();
  body.set("record", asked.value);
  body.set("csrfmiddlewaretoken", asked.form.elements.csrfmiddlewaretoken.value);
  tell([box.dataset.busy]);
  box.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(box.dataset.url, { method: "POST", body, signal: AbortSignal.timeout(LIMIT) });
    const answer = await response.json();
    if (mine !== number) return;
    if (answer.problem) tell([answer.problem, "problem"]);
    else take(answer);
  } catch {
    if (mine === number) tell([box.dataset.unreachable, "problem"]);
  } finally {
    if (mine === number) box.removeAttribute("aria-busy");
  }
}

if (box) {
  if (!("isNew" in box.dataset)) document.getElementById("id_authors")?.closest("fieldset")?.querySelector(":scope > h2, :scope > summary, :scope > details > summary")?.after(box);
  ask.addEventListener("click", (event) => {
    event.preventDefault();
    if (asked.value.trim()) lookUp();
    else asked.focus();
  });
  undo.addEventListener("click", () => {
    for (const field of [...changes.keys()]) takeBack(field);
    for (const tick of list.querySelectorAll("input")) tick.checked = false;
    tell([box.dataset.undone]);
    asked.focus();
  });
}
