// Headings, figures and displayed formulas get a link to themselves; following it copies the address as well.
const { anchor: words, anchorCopied } = document.querySelector("[data-anchor]").dataset;
const notice = Object.assign(document.createElement("output"), { className: "notice" });
let timer = 0;

for (const place of document.querySelectorAll(".note :is(h1, h2, h3, h4, h5, h6, figure, div.formula)[id]")) {
  if (place.closest("a")) continue;
  const link = Object.assign(document.createElement("a"), { className: "anchor", href: `#${place.id}`, ariaLabel: words, title: words });
  place.append(link);
}

// Where the clipboard is closed, the address is in the address bar all the same.
async function copy(link) {
  await navigator.clipboard.writeText(link.href);
  notice.textContent = anchorCopied;
  clearTimeout(timer);
  timer = setTimeout(() => notice.replaceChildren(), 2000);
}

document.body.append(notice);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.anchor");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) copy(link).catch(() => {});
});
