// What is wider than its place scrolls inside itself: there, and nowhere else, the keyboard has to reach it.
const { wide: words } = document.querySelector("[data-wide]").dataset;
const blocks = document.querySelectorAll(".note :is(table, pre, .formula), .cite pre");

function mark() {
  const changed = [...blocks].filter((block) => (block.scrollWidth > block.clientWidth + 1) !== block.hasAttribute("tabindex"));
  for (const block of changed) {
    const isWide = block.toggleAttribute("tabindex");
    if (isWide) block.tabIndex = 0;
    if (!block.matches("table")) block.role = isWide ? "group" : null; // a table's own role says more
    block.ariaLabel = isWide ? words : null;
  }
}

// Paper does not scroll: a formula that is too wide for it is drawn smaller.
const formulas = document.querySelectorAll(".note div.formula math");
addEventListener("beforeprint", () => {
  const sheet = 45 * parseFloat(getComputedStyle(document.documentElement).fontSize); // 174 mm at 10.5 points, with some room
  for (const math of formulas) {
    const width = math.querySelector("mrow")?.getBoundingClientRect().width ?? 0;
    if (width > sheet) math.style.fontSize = `${1.08 * sheet / width}em`;
  }
});
addEventListener("afterprint", () => formulas.forEach((math) => { math.style.fontSize = ""; }));

// Both at times when the layout is there anyway: to ask for it costs a slow phone a second.
new ResizeObserver(mark).observe(document.documentElement);
document.fonts.addEventListener("loadingdone", () => requestAnimationFrame(() => setTimeout(mark)));
