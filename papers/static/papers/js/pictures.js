// Pictures pasted, dropped or chosen go to the server one after another; each one's address takes the place of the
// words that stood for it. The text stays the editor's: no other part of it is touched, and undo takes all of it back.
const strip = document.getElementById("pictures");
const area = strip && document.getElementById(strip.dataset.field);
const list = strip?.querySelector(".pictures-list");
const said = strip?.dataset;
const held = { submitter: null, isHeld: false };
const stale = new Set(); // words that stood for a picture and no longer do
const waiting = [];
let count = 0;
let isBusy = false;
let composed = null; // resolves when the input method has finished a word

// --- The text -------------------------------------------------------------------------------------------------------

const isHtml = () => document.getElementById("id_notes_format")?.value === "html";
const escapeHtml = (text) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
const escapeMarkdown = (text) => text.replace(/[\\[\]]/g, "\\$&");

function written(url, alt) {
  const words = alt.trim().replace(/\s+/g, " ");
  return isHtml() ? `<img src="${url}" alt="${escapeHtml(words)}">` : `![${escapeMarkdown(words)}](${url})`;
}

/** In such a way that the browser's own undo takes it back, if the editor is in the field. */
function replace(start, end, text) {
  const { selectionStart, selectionEnd, scrollTop } = area;
  const moved = (place) => (place >= end ? place + text.length - (end - start) : Math.min(place, start + text.length));
  let isDone = false;
  if (document.activeElement === area) {
    area.setSelectionRange(start, end);
    isDone = text ? document.execCommand("insertText", false, text) : start === end || document.execCommand("delete");
  }
  if (!isDone) {
    area.setRangeText(text, start, end, "preserve");
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  area.setSelectionRange(moved(selectionStart), moved(selectionEnd));
  area.scrollTop = scrollTop;
}

/** Whether it was still there. */
async function exchange(old, text) {
  await composed?.promise;
  const start = area.value.indexOf(old);
  if (start >= 0) replace(start, start + old.length, text);
  return start >= 0;
}

/** Not back to words that stand for a picture which is there, or refused, by now. */
function pass(event) {
  const command = { historyUndo: "undo", historyRedo: "redo" }[event.inputType];
  if (command && [...stale].some((words) => area.value.includes(words))) document.execCommand(command);
}

// --- What is shown --------------------------------------------------------------------------------------------------

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function button(text, onClick) {
  const made = make("button", { type: "button", className: "button", textContent: text });
  made.addEventListener("click", onClick);
  return made;
}

function tell(text) {
  strip.querySelector(".pictures-told").textContent = text;
}

function close(picture) {
  const isFocused = picture.row.contains(document.activeElement);
  picture.row.remove();
  if (isFocused) area.focus({ preventScroll: true });
}

function showProgress(picture) {
  const bar = make("progress", { max: 1, value: 0, ariaLabel: said.progress.replace("{file}", picture.file.name) });
  picture.row.replaceChildren(make("span", { textContent: picture.file.name }), bar, button(said.cancel, () => cancel(picture)));
  return bar;
}

function showFailure(picture, reason) {
  const retry = button(said.retry, () => {
    close(picture);
    take([picture.file]);
  });
  const message = make("span", { textContent: reason, className: "problem", role: "alert" });
  picture.row.replaceChildren(make("span", { textContent: picture.file.name }), message, retry, button(said.close, () => close(picture)));
  tell("");
}

/** Asked below the note while the editor writes on: the cursor stays where it is. */
function askForAlt(picture, { url, alt }) {
  let now = written(url, alt);
  const input = make("input", { type: "text", className: "vTextField", value: alt, autocomplete: "off" });
  const take = async () => {
    const next = written(url, input.value);
    if (next !== now && !(await exchange(now, next))) return tell(said.gone);
    now = next;
    tell(said.taken);
    return close(picture);
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault(); // it would save the form
    take();
  });
  const image = make("img", { src: said.prefix + url, alt: picture.file.name });
  const buttons = [button(said.take, take), button(said.later, () => close(picture))];
  picture.row.replaceChildren(image, make("label", {}, make("span", { textContent: said.alt }), input), ...buttons);
  tell(said.stored);
}

// --- To the server --------------------------------------------------------------------------------------------------

/** Resolves to the server's answer, or to `{ problem }`. */
function send(picture, bar) {
  const request = new XMLHttpRequest();
  picture.request = request;
  const body = new FormData();
  body.set("file", picture.file);
  body.set("csrfmiddlewaretoken", area.form.elements.csrfmiddlewaretoken.value);
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = loaded / total;
    if (loaded === total) bar.ariaLabel = said.working.replace("{file}", picture.file.name);
  });
  return new Promise((resolve) => {
    request.addEventListener("load", () => resolve(request.response ?? { problem: said.refused }));
    request.addEventListener("error", () => resolve({ problem: said.unreachable }));
    request.addEventListener("abort", () => resolve({ problem: said.canceled }));
    request.responseType = "json";
    request.open("POST", said.url);
    request.send(body);
  });
}

function cancel(picture) {
  picture.isCanceled = true;
  picture.request?.abort();
}

function refusal({ type, size }) {
  if (type && !type.startsWith("image/")) return said.noPicture;
  return size > Number(said.limit) * 1024 * 1024 ? said.tooBig.replace("{limit}", said.limit) : "";
}

async function upload(picture) {
  const bar = showProgress(picture);
  const problem = refusal(picture.file);
  const answer = problem || picture.isCanceled ? { problem: problem || said.canceled } : await send(picture, bar);
  stale.add(picture.words);
  if (answer.url && (await exchange(picture.words, written(answer.url, answer.alt)))) return askForAlt(picture, answer);
  await exchange(picture.words, "");
  held.isHeld = false; // what is left of the note is for the editor to look at first
  return showFailure(picture, answer.problem ?? said.canceled);
}

async function uploadAll() {
  if (isBusy) return;
  isBusy = true;
  while (waiting.length) await upload(waiting.shift());
  isBusy = false;
  if (held.isHeld) area.form.requestSubmit(held.submitter);
  held.isHeld = false;
}

/** Words stand for each picture until it is there. */
function take(files) {
  const pictures = [...files].map((file) => {
    count += 1;
    const words = `${said.uploading} ${count}…`;
    return { file, words: isHtml() ? `<img alt="${words}">` : `![${words}]()`, row: make("li") };
  });
  list.append(...pictures.map(({ row }) => row));
  area.focus({ preventScroll: true });
  const { selectionStart, selectionEnd } = area;
  replace(selectionStart, selectionEnd, pictures.map(({ words }) => words).join("\n\n"));
  area.setSelectionRange(area.selectionEnd, area.selectionEnd);
  waiting.push(...pictures);
  uploadAll();
}

// --- Where they come from -------------------------------------------------------------------------------------------

/** Word processors add a picture of the text that was copied, file managers the names of the files. */
function pastedFiles(transfer) {
  const files = [...transfer.files];
  const lines = transfer.getData("text/plain").trim().split(/\r?\n/).filter(Boolean);
  return lines.every((line) => files.some(({ name }) => line.endsWith(name))) ? files : [];
}

function pasted(event) {
  const files = pastedFiles(event.clipboardData);
  if (!files.length) return;
  event.preventDefault();
  take(files);
}

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

function dropped(event) {
  if (!hasFiles(event)) return;
  event.preventDefault();
  strip.classList.remove("drop-here");
  const place = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  if (place?.offsetNode === area) area.setSelectionRange(place.offset, place.offset);
  take(event.dataTransfer.files);
}

function start() {
  area.closest(".form-row").append(strip);
  strip.hidden = false;
  area.addEventListener("paste", pasted);
  area.addEventListener("drop", dropped);
  area.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    strip.classList.add("drop-here");
  });
  area.addEventListener("dragleave", () => strip.classList.remove("drop-here"));
  area.addEventListener("input", pass);
  area.addEventListener("compositionstart", () => {
    composed = {};
    composed.promise = new Promise((resolve) => (composed.resolve = resolve));
  });
  area.addEventListener("compositionend", () => {
    composed?.resolve();
    composed = null;
  });
  strip.querySelector("input[type=file]").addEventListener("change", ({ target }) => {
    take(target.files);
    target.value = "";
  });
  area.form.addEventListener(
    "submit",
    (event) => {
      if (!isBusy) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      Object.assign(held, { submitter: event.submitter, isHeld: true });
      tell(said.held);
    },
    true,
  );
}

if (area) start();
