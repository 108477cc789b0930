// Drag papers onto a section of the filter: opens the page that says what the move would do.
// By keyboard: tick the papers and choose the action.
const form = document.getElementById("changelist-form");
const action = form?.querySelector("select[name=action]");
// Links of the other filters name a section too, while the list is narrowed to one: always the same.
const targets = [...document.querySelectorAll("#changelist-filter details")].flatMap((filter) => {
  const links = [...filter.querySelectorAll("a")];
  const found = links.map((link) => ({ link, uid: new URL(link.href).searchParams.get("section") }));
  return new Set(found.map(({ uid }) => uid)).size > 1 ? found.filter(({ uid }) => uid) : [];
});
let dragged = null;

function boxes() {
  return [...form.querySelectorAll("input.action-select")];
}

// The papers that are ticked, if the dragged one is among them; else that one alone.
function choose(box) {
  if (!box.checked) for (const other of boxes()) other.checked = other === box;
}

function submit(uid) {
  const section = Object.assign(document.createElement("input"), { type: "hidden", name: "dropped_on", value: uid });
  action.value = "move_selected";
  form.append(section);
  form.submit();
}

if (action?.querySelector("option[value=move_selected]") && targets.length) {
  for (const box of boxes()) {
    const row = box.closest("tr");
    row.draggable = true;
    row.addEventListener("dragstart", (event) => {
      dragged = box;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.textContent.trim());
    });
    row.addEventListener("dragend", () => {
      dragged = null;
    });
  }
  for (const { link, uid } of targets) {
    link.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      link.classList.add("drop-into");
    });
    link.addEventListener("dragleave", () => link.classList.remove("drop-into"));
    link.addEventListener("drop", (event) => {
      if (!dragged) return;
      event.preventDefault();
      choose(dragged);
      submit(uid);
    });
  }
}
