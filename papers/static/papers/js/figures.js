// A picture of the note opens large in a dialog, which Esc, its button or a click beside it closes.
const { enlarge, close } = document.querySelector("[data-enlarge]").dataset;
const dialog = Object.assign(document.createElement("dialog"), { className: "figure-dialog" });

function open(image) {
  const large = Object.assign(new Image(), { src: image.src, alt: image.alt, width: image.width, height: image.height });
  const caption = image.closest("figure")?.querySelector("figcaption")?.cloneNode(true);
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: close });
  button.dataset.closes = "";
  dialog.ariaLabel = image.alt || enlarge;
  dialog.replaceChildren(button, large, ...(caption ? [caption] : []));
  dialog.showModal();
}

for (const image of document.querySelectorAll(".note img")) {
  if (image.closest("a, button, summary")) continue;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "enlarge", title: enlarge });
  if (!image.alt) button.ariaLabel = enlarge;
  button.ariaHasPopup = "dialog";
  image.replaceWith(button);
  button.append(image);
  button.addEventListener("click", () => open(image));
}

document.body.append(dialog);
dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-closes]")) dialog.close();
});
