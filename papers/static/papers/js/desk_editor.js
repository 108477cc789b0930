// The writing desk: puts its parts around the source's field, and does what the other modules ask of the field by events,
// in such a way that the browser's own undo takes it back. The field stays a plain <textarea>.
//   desk:replace {start, end, text, select: [start, end]}
//   desk:goto {line, text}
//   desk:measure {places: [offset]}, answered at once: {points: [{left, top}], height} in the scrolled text, in pixels
const desk = document.querySelector("[data-desk]");
const area = desk && document.getElementById(desk.dataset.desk);

function replace({ start, end, text, select = [start + text.length, start + text.length] }) {
  area.focus({ preventScroll: true });
  area.setSelectionRange(start, end);
  // Deprecated, and the one way that keeps what can be undone.
  const isDone = text ? document.execCommand("insertText", false, text) : start === end || document.execCommand("delete");
  if (!isDone) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  area.setSelectionRange(...select);
}

function bounds(line) {
  let start = 0;
  for (let number = 1; number < line; number += 1) {
    const end = area.value.indexOf("\n", start);
    if (end < 0) break;
    start = end + 1;
  }
  const end = area.value.indexOf("\n", start);
  return [start, end < 0 ? area.value.length : end];
}

// The text in question is selected, if the line still has it.
function goTo({ line, text = "" }) {
  const [start, end] = bounds(line ?? 1);
  const at = text && !text.includes("\n") ? area.value.slice(start, end).indexOf(text) : -1;
  const from = at < 0 ? start : start + at;
  area.focus();
  area.setSelectionRange(from, at < 0 ? from : from + text.length);
  const [{ top }] = measure([from]).points;
  area.scrollTop = top - area.clientHeight / 3;
}

// No browser says where in a text field a character stands: a copy of its text is laid out in the same way, out of sight.
const COPIED = ["font", "letterSpacing", "lineHeight", "overflowWrap", "padding", "tabSize", "textAlign", "whiteSpace", "wordBreak"];

function measure(places) {
  const copy = document.createElement("div");
  const style = getComputedStyle(area);
  for (const name of COPIED) copy.style[name] = style[name];
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", boxSizing: "border-box", width: `${area.clientWidth}px` });
  let from = 0;
  const marks = places.map((place) => {
    const mark = document.createElement("span");
    copy.append(area.value.slice(from, place), mark);
    from = place;
    return mark;
  });
  copy.append(area.value.slice(from), "\u200b");
  area.parentElement.append(copy);
  const points = marks.map((mark) => ({ left: mark.offsetLeft, top: mark.offsetTop }));
  const height = copy.offsetHeight;
  copy.remove();
  return { points, height };
}

if (area) {
  const box = area.parentElement;
  const row = area.closest(".form-row");
  row.classList.add("desk-row");
  box.classList.add("desk");
  area.before(desk.querySelector("[data-desk-bar]"));
  area.after(desk.querySelector("[data-desk-complete]"), desk.querySelector("[data-desk-preview]"));
  box.after(desk.querySelector("[data-desk-foot]")); // not in the grid, which would lay all the source out anew with it
  area.addEventListener("desk:replace", ({ detail }) => replace(detail));
  area.addEventListener("desk:measure", ({ detail }) => Object.assign(detail, measure(detail.places)));
  area.addEventListener("desk:goto", ({ detail }) => goTo(detail));
}
