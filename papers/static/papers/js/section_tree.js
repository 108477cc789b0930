// Drag a section onto another: opens the page that says what the move would do. The links do the same by keyboard.
const rows = [...document.querySelectorAll("#result_list tbody tr")].map((row) => ({
  row,
  link: row.querySelector("a[data-section]"),
  parent: row.querySelector("input.action-select")?.value,
}));
let dragged = null;

// Near the upper edge: before that section, as its sibling; elsewhere: into it.
function isBefore(event, row) {
  const box = row.getBoundingClientRect();
  return event.clientY < box.top + box.height / 4;
}

function clear() {
  for (const { row } of rows) row.classList.remove("drop-into", "drop-before");
}

for (const { row, link, parent } of rows) {
  if (link) {
    row.draggable = true;
    row.addEventListener("dragstart", (event) => {
      dragged = link;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", link.href);
    });
    row.addEventListener("dragend", () => {
      dragged = null;
      clear();
    });
  }
  row.addEventListener("dragover", (event) => {
    if (!dragged || dragged === link) return;
    event.preventDefault();
    clear();
    row.classList.add(isBefore(event, row) && link ? "drop-before" : "drop-into");
  });
  row.addEventListener("drop", (event) => {
    if (!dragged || dragged === link) return;
    event.preventDefault();
    const target = new URL(dragged.href);
    const before = isBefore(event, row) && link;
    target.searchParams.set("parent", before ? link.dataset.parent : parent);
    if (before) target.searchParams.set("before", link.dataset.section);
    location.assign(target);
  });
}
