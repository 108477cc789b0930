// The reader's switches: each control with data-setting shows one and changes it. They are kept in this browser alone.
const { dataset } = document.documentElement;
const controls = document.querySelectorAll("[data-setting]");
const usual = { theme: "auto", shortcuts: "on", cards: "on" };
const themes = ["auto", "light", "dark"];

const valueOf = (name) => dataset[name] || usual[name];

function show() {
  for (const control of controls) {
    const value = valueOf(control.dataset.setting);
    if (control.type === "checkbox") control.checked = value === "on";
    else if (control.type === "radio") control.checked = value === control.value;
    else control.ariaLabel = control.title = control.dataset[value];
  }
}

function choose(name, value) {
  dataset[name] = value;
  try {
    localStorage.setItem(`papercache-${name}`, value);
  } catch { /* it holds for this page */ }
  show();
}

for (const control of controls) {
  const { setting } = control.dataset;
  if (control.type === "checkbox") control.addEventListener("change", () => choose(setting, control.checked ? "on" : "off"));
  else if (control.type === "radio") control.addEventListener("change", () => choose(setting, control.value));
  else control.addEventListener("click", () => choose(setting, themes[(themes.indexOf(valueOf(setting)) + 1) % themes.length]));
}
addEventListener("storage", show);
addEventListener("pageshow", show);
show();

// The dialog that holds them, and lists the keys.
const dialog = document.querySelector("[data-help]");
for (const button of document.querySelectorAll("[data-opens-help]")) button.addEventListener("click", () => dialog.showModal());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-closes]")) dialog.close();
});
