// The contents list follows the scroll: the last heading above the upper third of the window is the current one.
const nav = document.querySelector("[data-contents]");
const details = nav.querySelector("details");
const wide = matchMedia("(min-width: 70rem)");
const links = new Map();
const passed = new Set();
let current;

for (const link of nav.querySelectorAll("a")) {
  const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (heading) links.set(heading, link);
}

function mark() {
  const link = links.get([...links.keys()].findLast((heading) => passed.has(heading)));
  if (link === current) return;
  current?.removeAttribute("aria-current");
  link?.setAttribute("aria-current", "location");
  current = link;
  if (link && wide.matches) nav.scrollTop = link.offsetTop - nav.clientHeight / 2;
}

// Upwards without end, so that a heading is either above the line or below it, however far one jumps.
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) passed[isIntersecting ? "add" : "delete"](target);
  mark();
}, { rootMargin: "1000000px 0px -67% 0px" });
for (const heading of links.keys()) observer.observe(heading);

const fit = () => { details.open = wide.matches; };
wide.addEventListener("change", fit);
fit();
nav.dataset.contents = "ready";
