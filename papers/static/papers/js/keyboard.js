// Single keys: j and k go through a list of papers, ? shows what else there is. Off by a switch, for who speaks to the
// computer or hits keys by chance.
const PAPERS = "main :is(.paper-item-title, .index-list li) > a";

function isTyping(target) {
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

function step(by) {
  const papers = [...document.querySelectorAll(PAPERS)];
  const here = papers.indexOf(document.activeElement);
  const first = papers.findIndex((paper) => paper.getBoundingClientRect().top >= 0);
  const next = papers[here < 0 ? first : here + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

function help() {
  document.querySelector("[data-opens-help]").click();
  return true;
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  "?": help,
  "？": help,
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (document.documentElement.dataset.shortcuts === "off" || isTyping(event.target)) return;
  if (!document.querySelector("dialog[open]") && keys[event.key]?.()) event.preventDefault();
});
