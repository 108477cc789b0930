// Who else has the form open, and what they have saved since: asked while somebody is at this window.
const status = document.getElementById("working-copy");
const form = status?.closest("form");
const line = document.querySelector("[data-presence]");
const EVERY = 30000;

async function ask() {
  if (document.hidden || !document.hasFocus()) return;
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "thing_uid", "based_on"]) body.set(name, form.elements[name].value);
  body.set("working_account", status.dataset.account);
  try {
    const response = await fetch(status.dataset.presenceUrl, { method: "POST", body, redirect: "manual" });
    if (response.ok) show(await response.json());
  } catch {
    // Offline: who else is there is not known.
  }
}

function show({ others, newer }) {
  const lines = [newer, ...others].filter(Boolean);
  const text = lines.join("\n");
  if (line.textContent.trim() === text) return;
  line.textContent = text;
  line.hidden = !text;
}

if (form && line && !("isNew" in status.dataset)) {
  ask();
  setInterval(ask, EVERY);
}
