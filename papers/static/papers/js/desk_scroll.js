// Source and preview scroll together: the one follows that the pointer, a finger or the keyboard is in. Headings and
// citations stand at known places of both; between two of them it goes in proportion.
const desk = document.querySelector("[data-desk]");
const area = desk && document.getElementById(desk.dataset.desk);
const MARGIN = 12;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*)$/;
const FENCE = /^[ \t>]*(?:`{3,}|~{3,})/;

let page = null; // the preview's document
let places = []; // [line, id in the page]
let points = null; // [pixels in the source, pixels in the page], both growing
let leader = "source";

const letters = (text) => text.replace(/[^\p{L}\p{N}]+/gu, "").toLowerCase();

// --- What stands where ---

// Offsets of the lines, and the headings among them.
function read() {
  const starts = [], headings = [];
  let offset = 0, isCode = false;
  for (const line of area.value.split("\n")) {
    starts.push(offset);
    if (FENCE.test(line)) isCode = !isCode;
    else if (!isCode && HEADING.test(line)) headings.push([offset, letters(HEADING.exec(line)[1])]);
    offset += line.length + 1;
  }
  return { starts, headings };
}

// One to one if there are as many; else those whose words are the same, in their order.
function pairs(headings, shown) {
  if (headings.length === shown.length) return headings.map(([offset], at) => [offset, shown[at]]);
  let from = 0;
  return headings.flatMap(([offset, words]) => {
    const at = shown.findIndex((one, number) => number >= from && letters(one.textContent) === words);
    if (at < 0) return [];
    from = at + 1;
    return [[offset, shown[at]]];
  });
}

function anchors() {
  const { starts, headings } = read();
  const found = pairs(headings, [...page.querySelectorAll(".note > :is(h1, h2, h3, h4, h5, h6)")]);
  for (const [line, id] of places) {
    const element = page.getElementById(id);
    if (element && starts[line - 1] !== undefined) found.push([starts[line - 1], element]);
  }
  return found.sort(([one], [other]) => one - other);
}

function locate() {
  const note = page.querySelector(".note");
  if (!note) return [];
  const found = anchors();
  const detail = { places: found.map(([offset]) => offset) };
  area.dispatchEvent(new CustomEvent("desk:measure", { detail }));
  const { scrollY } = page.defaultView;
  const box = note.getBoundingClientRect();
  const known = [[0, box.top + scrollY]];
  found.forEach(([, element], at) => known.push([detail.points[at].top, element.getBoundingClientRect().top + scrollY]));
  known.push([detail.height, box.bottom + scrollY]);
  // A footnote's citation stands elsewhere in the page than in the source: what goes back is left out.
  return known.filter(([source, shown], at) => at === 0 || known.slice(0, at).every(([before, above]) => before < source && above < shown));
}

function translate(value, from, to) {
  const after = points.findIndex((point) => point[from] > value);
  if (after === 0) return points[0][to];
  if (after < 0) return points.at(-1)[to];
  const [low, high] = [points[after - 1], points[after]];
  return low[to] + ((value - low[from]) / (high[from] - low[from])) * (high[to] - low[to]);
}

// --- Following ---

function follow(which) {
  if (!page || which !== leader) return;
  points ??= locate();
  if (!points.length) return;
  const view = page.defaultView;
  if (which === "source") {
    const top = area.scrollTop ? translate(area.scrollTop + MARGIN, 0, 1) - MARGIN : page.querySelector("main").offsetTop;
    view.scrollTo({ top, behavior: "instant" });
  } else {
    area.scrollTop = view.scrollY > points[0][1] ? translate(view.scrollY + MARGIN, 1, 0) - MARGIN : 0;
  }
}

function lead(target, which) {
  for (const name of ["pointerenter", "pointerdown", "wheel", "touchstart", "keydown", "focusin"]) {
    target.addEventListener(name, () => { leader = which; }, { passive: true });
  }
}

function watch(shown) {
  page = shown;
  lead(page.documentElement, "page");
  page.addEventListener("scroll", () => follow("page"), { passive: true });
}

if (area) {
  const forget = () => { points = null; };
  lead(area, "source");
  area.addEventListener("scroll", () => follow("source"), { passive: true });
  area.addEventListener("desk:answer", ({ detail }) => { ({ places } = detail); });
  area.addEventListener("desk:shown", ({ detail }) => {
    if (detail !== page) watch(detail);
    forget();
  });
  area.addEventListener("desk:closed", () => { page = null; });
  new ResizeObserver(forget).observe(area);
}
