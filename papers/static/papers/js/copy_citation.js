// A button beside each file of references copies what is in it.
const strings = document.querySelector("[data-copy-citation]").dataset;
let timer = 0;

async function textOf(link) {
  const response = await fetch(link.href);
  if (!response.ok) throw new Error(response.statusText);
  return response.text();
}

// Safari forgets the click while one waits for a text, but takes the promise of one.
async function write(text) {
  const promised = text.then((words) => new Blob([words], { type: "text/plain" }));
  promised.catch(() => {});
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": promised })]);
    return true;
  } catch {
    return writeBySelection(await text);
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

async function copy(link, notice) {
  const done = await write(textOf(link)).catch(() => false);
  notice.textContent = done ? `${strings.citationCopied} ${link.dataset.citation}` : strings.citationFailed;
  clearTimeout(timer);
  timer = setTimeout(() => notice.replaceChildren(), 3000);
}

for (const links of document.querySelectorAll(".cite-links")) {
  const notice = document.createElement("output");
  for (const link of links.querySelectorAll("[data-citation]")) {
    const words = `${strings.copyCitation} ${link.dataset.citation}`;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words });
    button.addEventListener("click", () => copy(link, notice));
    link.after(" ", button);
  }
  links.append(" ", notice);
}
