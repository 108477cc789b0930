// A button beside an address copies it; without this, the address is there to be selected.
for (const field of document.querySelectorAll("input[data-copy]")) {
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "button", textContent: field.dataset.copy,
  });
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // pages that are not served by HTTPS
    }
    button.textContent = field.dataset.copied;
  });
  field.after(button);
}
