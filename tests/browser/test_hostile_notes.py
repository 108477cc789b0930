"""Notes that want to harm, on the real page in a real Chromium: nothing runs, loads, changes the page or covers it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from papers.models import Section
from papers.rendering import Format
from tests.conftest import make_paper
from tests.hostile_notes import HOSTILE

pytestmark = pytest.mark.browser

HARMLESS = "字 $x$\n\n# 题"

# A violation is a failure too: then only the Content-Security-Policy stood between the note and the reader.
WATCH = """
window.ran = [];
for (const name of ["pwned", "alert", "confirm", "prompt", "open"]) window[name] = () => { window.ran.push(name); };
document.addEventListener("securitypolicyviolation", (event) => {
  window.ran.push(`violates ${event.effectiveDirective} ${event.blockedURI}`);
});
"""

# The page without the note and without what follows from it: contents, length, citations, its words for other sites.
# Whether the entry for BibTeX is wide enough to be a stop for the keyboard is known only after a while.
FRAME = """
() => {
  const style = (selector) => {
    const values = getComputedStyle(document.querySelector(selector));
    return ["backgroundColor", "color", "direction", "display", "fontFamily", "fontSize", "lineHeight", "opacity",
      "position", "transform", "visibility"].map((name) => values[name]).join("|");
  };
  const page = document.documentElement.cloneNode(true);
  page.querySelector(".note").replaceChildren();
  page.querySelectorAll("nav.contents, head script, head link, head meta, .facts, .around, .formula-notice, .code-notice, .notice, .figure-dialog").forEach((x) => x.remove());
  for (const name of ["tabindex", "role", "aria-label"]) page.querySelector(".cite pre").removeAttribute(name);
  return [...page.outerHTML.split("\\n"), location.href,
    ...["html", "body", ".site-header", "main", ".note", ".paper-body > :last-child", ".site-footer"].map(style)];
}
"""

NOTE = """
() => {
  const note = document.querySelector(".note");
  const found = [];
  const harmful = "script,style,link,meta,base,iframe,frame,object,embed,form,button,select,textarea,svg,video,audio," +
    "template,dialog,area,title,input:not([type=checkbox][disabled]),a a[href]";
  // Our own scripts put a button on code and pictures, and make a stop of what is wide.
  const harmfulNames =
    /^(on.*|style|srcdoc|srcset|action|formaction|ping|target|background|poster|xlink:.*|form|name|data(?!-wide).*)$/;
  for (const element of note.querySelectorAll(harmful)) if (!element.matches(".code-copy, .enlarge")) found.push(`element ${element.outerHTML.slice(0, 80)}`);
  for (const element of note.querySelectorAll("*")) {
    const mayBeWide = element.matches(".formula, table, pre");
    for (const { name, value } of element.attributes) {
      if (harmfulNames.test(name) && !(name === "form" && element.matches("mo"))) found.push(`attribute ${name}=${value}`);
      if (/^(tabindex|contenteditable|autofocus|accesskey|dir)$/.test(name) && !mayBeWide) found.push(`attribute ${name}`);
      if (name === "id" && !/^(n|s|fn|fnref\\d*|fig|formula|code|cite|link|eq)-/.test(value)) found.push(`id ${value}`);
      if (name === "id" && value.length > 100) found.push("a huge id");
      if (name === "href" || name === "src") {
        const { protocol, origin } = new URL(value, document.baseURI);
        if (!["http:", "https:", "mailto:"].includes(protocol)) found.push(`address ${value}`);
        if (name === "src" && origin !== location.origin) found.push(`source ${value}`);
      }
    }
    const { position, zIndex } = getComputedStyle(element);
    if (["fixed", "sticky"].includes(position) || zIndex > 0) found.push(`lies over: ${element.outerHTML.slice(0, 80)}`);
  }
  const ids = [...note.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size < ids.length) found.push(`the same id twice: ${ids}`);
  const copy = new DOMParser().parseFromString(`<!doctype html><div>${note.innerHTML}</div>`, "text/html");
  if (copy.body.firstChild.innerHTML !== note.innerHTML) found.push("another tree when read again");
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window");
  for (const selector of [".site-name", "#page-search", ".paper h1", ".site-footer a"]) {
    const part = document.querySelector(selector);
    part.scrollIntoView({ block: "center" });
    const box = part.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!part.contains(top)) found.push(`covered: ${selector}`);
  }
  for (const id of ids) if (id in document || id in Object.prototype) found.push(`clobbers ${id}`);
  return [...found, ...window.ran];
}
"""


@pytest.fixture(scope="module")
def judged() -> set[str]:
    """Pages that were looked at: many notes are the same in both formats."""
    return set()


@pytest.fixture
def complaints_about(
    transactional_db: None, section: Section, browser: Any, live_server: Any, judged: set[str]
) -> Iterator[Callable[[str, Format], list[str]]]:
    """Opens the page of a paper with that note; what is wrong with it, in words."""
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    context.add_init_script(WATCH)
    page, asked, paper = context.new_page(), [], make_paper(section, "2025-07-Hostile", notes=HARMLESS)
    page.on("request", lambda request: asked.append(request.url))
    # A picture that is not there: the site's page for that takes longer than all the rest.
    chromium = context.new_cdp_session(page)
    chromium.send("Network.enable")
    chromium.send("Network.setBlockedURLs", {"urls": [f"{live_server.url}/RL/x*"]})
    page.on("dialog", lambda dialog: (asked.append(f"dialog {dialog.message}"), dialog.dismiss()))
    url = live_server.url + paper.get_absolute_url()

    def save(notes: str, format: Format) -> None:
        paper.notes, paper.notes_format = f"字\n\n{notes}", format
        paper.save()

    def open_it() -> None:
        asked.clear()
        page.goto(url)

    frames = {}
    for format in ("markdown", "html"):  # the page names it
        save(HARMLESS, format)
        open_it()
        frames[format] = page.evaluate(FRAME)

    def complaints(notes: str, format: Format) -> list[str]:
        save(notes, format)
        if paper.notes_html in judged:
            return []
        judged.add(paper.notes_html)
        open_it()
        found = [f"asks {address}" for address in asked if not address.startswith(live_server.url)]
        found += page.evaluate(NOTE)
        return found + [f"page: {part}" for part in page.evaluate(FRAME) if part not in frames[format]]

    yield complaints
    context.close()


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_no_note_does_harm(complaints_about: Callable[[str, Format], list[str]], format: Format) -> None:
    found = {name: complaints_about(text, format) for name, text in HOSTILE.items()}
    assert {name: complaints for name, complaints in found.items() if complaints} == {}
