// After a refused save: the first field with an error comes into view, ready to type in.
const row = document.querySelector(".form-row.errors, .fieldBox.errors, .questions");
if (row) {
  const field = row.querySelector("input:not([type=hidden]), select, textarea");
  row.scrollIntoView({ block: "center" });
  field?.focus({ preventScroll: true });
}
