// After a refused save: the first field with an error comes into view, ready to type in. A new form: its first field.
const row =
  document.querySelector(".form-row.errors, .fieldBox.errors, .questions, .conflict.errors") ??
  document.querySelector("body.change-form.add-form .form-row");
if (row) {
  const field = row.querySelector("input:not([type=hidden]), select:not(.select2-hidden-accessible), textarea");
  row.scrollIntoView({ block: "center" });
  field?.focus({ preventScroll: true });
}
