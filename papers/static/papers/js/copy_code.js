// A button on each block of code copies it.
const { copy, codeCopied } = document.querySelector("[data-code-copied]").dataset;

async function write(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    // For pages that are not served by HTTPS; what is selected can be copied by hand even where this fails.
    document.getSelection().selectAllChildren(code);
    return document.execCommand("copy");
  }
}

function say(button, words) {
  button.textContent = words;
  setTimeout(() => { button.textContent = copy; }, 2000);
}

for (const block of document.querySelectorAll("pre.highlight")) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "code-copy", textContent: copy });
  const frame = Object.assign(document.createElement("div"), { className: "code-frame" });
  block.replaceWith(frame);
  frame.append(block, button);
  button.addEventListener("click", async () => {
    if (await write(block.firstElementChild)) say(button, codeCopied);
  });
}
