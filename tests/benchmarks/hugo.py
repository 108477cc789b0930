"""Hugo as a baseline for `exporting`: two sites made of the same papers, which it builds in the same run.

    python -m tests.benchmarks.exporting
    DATABASE_URL=… python -m tests.benchmarks.hugo --same DIR EXPORTED

The first prints times and memory beside ours, and which files each of them made; the second only writes a site for Hugo into
a new folder, to be looked at, as `--plain` does; EXPORTED is what `export_site` made of the same database. Templates are in
`hugo_site`.

"Plain pages" is what Hugo's speed is usually measured with: a short page for each paper, lists of 30 by section and tag, RSS.

"Same files" has the files that `export_site` makes, of about the same content: each paper's page with its record, contents,
related papers, citation and neighbours, its twins and its card; lists with full cards, feeds of 30 whole notes. To Hugo's
advantage, header, footer and the links to style sheets are fixed text, copied from an export. What Hugo cannot make, or makes
otherwise:

- It renders all Markdown while it builds. Here a save has done that, so that `export_site` finds a note's HTML in the database;
  `exporting` prints what rendering all of them took before, with the other work of `rebuild`.
- Citations between notes: wikilinks and citations stay as they were typed, no page says what it cites and who cites it, there
  is no `/-/wanted/`, and related papers are those with the same tags only. To find them, Hugo's `.Related` goes through every
  paper that shares a tag, so that its time grows by the square of their number.
- Formulas stay TeX, where we make MathML; code is coloured by its own Chroma, also as classes, instead of Pygments.
- Nothing that an author typed is sanitised, and nothing is kept from an earlier run: after one changed note it makes everything.
- Further pages of a list name the first as the canonical one, and "all papers" has no filter by date.
- One sitemap instead of four files; further pages are at `…/page/2/` instead of `/-/pages/…/2/`, and every list has a redirect
  from `…/page/1/` besides.
- Figures, former addresses and the search index are left out on both sides: these papers have none, and `--no-search` is usual.
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import scratch
from .bulk import Cost, cost_of

if TYPE_CHECKING:
    from papers.models import Paper

TEMPLATES = Path(__file__).parent / "hugo_site"
SITES = {"same": "Hugo, same files", "plain": "Hugo, plain pages"}

# The first that matches, from the start of a file's name.
KINDS = {
    "style sheets, scripts": r"static/",
    "papers: cards": r"-/card/",
    "papers: permanent links": r"p/[^/]+/index\.html",
    "first pages of lists again": r".*/page/1/index\.html",
    "lists: further pages": r"-/pages/|.*/page/\d+/index\.html",
    "sitemaps": r"sitemap[^/]*\.xml",
    "feeds": r"(.*/)?(feed|index)\.(xml|json)",
    "all references": r"-/papers\.",
    "papers: twins": r".*\.(md|bib|ris|json)$",
    "lists and single pages": r"(.*/)?index\.html",
    "others": r"404\.html|robots\.txt|\.",
    "papers: pages": r".*\.html",
}


def is_here() -> bool:
    return bool(shutil.which("hugo"))


def costs(database: str, exported: Path, folder: Path) -> dict[str, Cost]:
    """Of Hugo building both sites; `export_site` has written the same papers before."""
    found = {}
    for site, name in SITES.items():
        scratch.run(database, "-m", "tests.benchmarks.hugo", f"--{site}", str(folder / site), str(exported))
        found[name] = build(folder / site)
    return found


def build(site: Path) -> Cost:
    words = ["hugo", "--quiet", "--source", str(site), "--cacheDir", str(site / "cache")]
    return cost_of(words, scratch.environment(""))


# --- What is made -----------------------------------------------------------------------------------------


def kinds(site: Path) -> dict[str, tuple[int, int]]:
    """Files and their bytes."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for path in site.rglob("*"):
        if path.is_file():
            kind = kind_of(str(path.relative_to(site)))
            files[kind] += 1
            sizes[kind] += path.stat().st_size
    return {kind: (files[kind], sizes[kind]) for kind in sorted(files)}


def kind_of(name: str) -> str:
    return next((kind for kind, pattern in KINDS.items() if re.match(pattern, name)), "others")


def show_kinds(exported: Path, folder: Path) -> None:
    """Beside each other, so that everybody sees what is compared."""
    sites = {"export_site": exported} | {name: folder / site / "public" for site, name in SITES.items()}
    found = [kinds(site) for site in sites.values()]
    print(f"{'':28}" + "".join(f"{name:>26}" for name in sites))
    for kind in sorted(set().union(*found)):
        _show_row(kind, [one.get(kind, (0, 0)) for one in found])
    _show_row("together", [(_sum(one, 0), _sum(one, 1)) for one in found])


def _sum(found: dict[str, tuple[int, int]], place: int) -> int:
    return sum(numbers[place] for numbers in found.values())


def _show_row(kind: str, cells: list[tuple[int, int]]) -> None:
    print(f"{kind:28}" + "".join(f"{files:14,}{size / 1e6:9.1f} MB" for files, size in cells))


# --- The two sites ----------------------------------------------------------------------------------------


def write_plain(folder: str, exported: str) -> None:
    content = _begin("plain", Path(folder))
    for path, section in _sections():
        _put(content, f"{path}_index", {"title": section["title"]})
    for paper in _papers():
        front = {"title": paper.title, "date": _day(paper), "url": paper.path, "summary": paper.summary}
        tags = {"tags": [row.tag.name for row in paper.tagged.all()]}
        _put(content, _stem(paper), {**front, **tags}, paper.notes)


def write_same(folder: str, exported: str) -> None:
    content = _begin("same", Path(folder))
    _copy_what_is_fixed(Path(exported), Path(folder))
    for path, section in _sections():
        _put(content, f"{path}_index", {**section, "url": path})
    for name, front in (*_terms(), *_single_pages()):
        _put(content, f"{name}/_index", front)
    for paper in _papers():
        _put(content, _stem(paper), _front(paper), paper.notes)


def _begin(site: str, folder: Path) -> Path:
    shutil.copytree(TEMPLATES / site, folder)
    return folder / "content"


def _put(content: Path, name: str, front: dict[str, Any], text: str = "") -> None:
    path = content / f"{name.lstrip('/')}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{json.dumps(front, ensure_ascii=False)}\n\n{text}", encoding="utf-8")


def _copy_what_is_fixed(exported: Path, folder: Path) -> None:
    """What is the same on all pages costs Hugo next to nothing, but belongs to them."""
    shutil.copytree(exported / "static", folder / "static" / "static")
    (folder / "static" / ".nojekyll").touch()
    paper = next((exported / "-" / "card").rglob("*.html")).relative_to(exported / "-" / "card")
    fixed = {
        "assets_paper": _assets(exported / paper),
        "assets_list": _assets(exported / "papers/index.html"),
    }
    for name, html in {**fixed, **_frame(exported / "papers/index.html")}.items():
        (folder / "layouts" / "partials" / f"{name}.html").write_text(html, encoding="utf-8")


def _assets(page: Path) -> str:
    head = page.read_text(encoding="utf-8").partition("</head>")[0]
    return "".join(line for line in head.splitlines(keepends=True) if '"/static/' in line)


def _frame(page: Path) -> dict[str, str]:
    """Header and footer; the switch of language in it leads back to the page."""
    html = page.read_text(encoding="utf-8")
    found = re.search(r'(<a class="skip-link".*)<main.*(<footer.*)</body>', html, re.DOTALL)
    assert found, page
    footer = re.sub(r'(\?next=)[^"]*', r"\1{{ .RelPermalink }}", found[2])
    return {"header": found[1], "footer": footer}


# --- What is in the database ------------------------------------------------------------------------------


def _papers() -> "Iterator[Paper]":
    from papers.models import Paper

    papers = Paper.objects.published().select_related("section").prefetch_related("tagged__tag")
    return papers.order_by("pk").iterator(chunk_size=500)


def _stem(paper: "Paper") -> str:
    return str(paper.path).removesuffix(".html")


def _day(paper: "Paper") -> str:
    return paper.published_on.isoformat() if paper.published_on else "1970-01-01"


def _front(paper: "Paper") -> dict[str, Any]:
    from papers import records

    day = _day(paper)
    terms = {"tags": [row.tag.slug for row in paper.tagged.all()], "years": [day[:4]], "months": [day[:7]]}
    terms |= {"venues": [paper.venue_slug]} if paper.venue_slug else {}
    front = {"type": "paper", "title": paper.title, "summary": paper.summary, "date": day, **terms}
    return {**front, "aliases": [f"{paper.get_permanent_url()}index.html"], "record": records.record(paper)}


def _sections() -> Iterator[tuple[str, dict[str, Any]]]:
    from papers.models import Section

    for section in Section.objects.order_by("path"):
        front: dict[str, Any] = {"title": section.title or "PaperCache", "description": section.description}
        if section.parent_id:
            front["filter"] = f"section={section.uid}"
        else:
            front["aliases"] = ["/-/language/index.html"]
        yield section.path, {**front, "weight": section.position + 1}


def _terms() -> Iterator[tuple[str, dict[str, Any]]]:
    from papers import totals

    tags, places = totals.tags(), totals.places()
    for slug in tags.numbers:
        front = {"title": tags.names[slug], "url": f"/tags/{slug}/", "filter": f"tag={slug}"}
        yield f"tags/{slug}", front
    for slug in places.venues:
        yield f"venues/{slug}", _list(places.venue_names[slug], f"/venues/{slug}/", f"venue={slug}")
    for year in {month[:4] for month in places.months}:
        yield f"years/{year}", _list(year, f"/{year}/", f"year={year}")
    for month in places.months:
        yield f"months/{month}", _list(month, f"/{month.replace('-', '/')}/", f"month={month}")


def _list(title: str, url: str, filtered: str) -> dict[str, Any]:
    return {"title": title, "url": url, "filter": filtered, "outputs": ["html"]}


def _single_pages() -> Iterator[tuple[str, dict[str, Any]]]:
    titles = {"papers": "全部论文", "collection": "馆藏一览", "find": "搜索", "palette": "搜索"}
    urls = {"papers": "/papers/", "collection": "/-/collection/", "find": "/search/", "palette": "/-/search/"}
    for name, title in titles.items():
        yield name, {"title": title, "url": urls[name], "outputs": ["html"]}
    yield "tags", {"title": "标签", "url": "/tags/"}
    for name in ("venues", "years", "months"):  # we have no such page
        yield name, {"title": name, "_build": {"render": "never", "list": "never"}}


def main() -> None:
    raise SystemExit(__doc__)


if __name__ == "__main__":
    scratch.begin(main, plain=write_plain, same=write_same)
