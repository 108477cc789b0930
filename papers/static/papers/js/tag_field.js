// The tag field: what is typed becomes a tag at Enter, at a comma, and when the field is left, found or not yet
// found; only a suggestion that was pointed at is taken instead. A tag that does not exist yet is called new.
const $ = window.django?.jQuery;

function prepare(select) {
  const field = $(select);
  const { appLabel: app_label, modelName: model_name, fieldName: field_name, newLabel } = select.dataset;
  field.select2({
    ajax: { data: ({ term, page }) => ({ term, page, app_label, model_name, field_name }) },
    createTag: ({ term }) => (term.trim() ? { id: term.trim(), text: term.trim(), isNew: true } : null),
    templateResult: ({ isNew, text }) => (isNew ? `${newLabel}“${text}”` : text),
  });
  const box = field.data("select2").$container[0];
  const search = box.querySelector(".select2-search__field");
  let isChosen = false; // a suggestion was pointed at, or the text given up
  let isListing = false; // moved in the list by keyboard

  function add() {
    const name = search.value.trim();
    search.value = "";
    if (!name) return;
    const known = [...select.options].find(({ text }) => text.toLowerCase() === name.toLowerCase());
    if (known) known.selected = true;
    else select.add(new Option(name, name, true, true));
    field.trigger("change");
  }

  box.addEventListener("input", () => {
    isChosen = isListing = false;
  });
  box.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") isChosen = true;
      if (["ArrowUp", "ArrowDown"].includes(event.key)) isListing = true;
      if (event.key !== "Enter" || isListing || !search.value.trim()) return;
      event.preventDefault();
      event.stopPropagation();
      add();
      field.select2("close");
    },
    true,
  );
  field.on("select2:selecting select2:unselecting", () => {
    isChosen = true;
  });
  field.on("select2:closing", () => {
    if (!isChosen) add();
  });
  select.form.addEventListener("submit", add);
}

if ($) {
  $(() => {
    for (const select of document.querySelectorAll("select.admin-autocomplete[data-tags=true]")) prepare(select);
  });
}
