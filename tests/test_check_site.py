"""`check_site`: every problem of every note on a line of its own, and the counts."""

import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from papers import derived, site_check
from papers.management.commands import check_site as command
from papers.models import Figure, Paper, Section
from papers.rendering import RenderingFailed
from papers.rendering.renderer import render
from tests.conftest import make_paper, make_section

FORMULA = "公式 $\\frac{1$ 坏了"
MISSING = "0" * 32 + ".png"


def check(*arguments: str) -> tuple[list[str], str]:
    """The lines that it prints, and the last word."""
    out = StringIO()
    try:
        call_command("check_site", "notes", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), str(error)
    *lines, summary = out.getvalue().splitlines()
    return lines, summary


def test_a_site_without_problems(published_paper: Paper) -> None:
    assert check() == ([], "3 checked, 0 problems.")


def test_a_problem_has_path_line_sentence_and_snippet(section: Section) -> None:
    make_paper(section, "p", notes=f"一\n\n{FORMULA}")
    (line,), summary = check()
    assert line.startswith("/RL/p.html:3: 公式")
    assert line.endswith(" ($\\frac{1$)")
    assert summary == "3 checked, 1 problems, formula 1"


def test_the_status_is_1_if_there_is_any(section: Section) -> None:
    make_paper(section, "p", notes=FORMULA)
    with pytest.raises(CommandError) as ended:
        call_command("check_site", "notes", stdout=StringIO())
    assert ended.value.returncode == 1


def test_counts_by_kind_the_most_frequent_first(section: Section) -> None:
    make_paper(section, "p", notes=FORMULA)
    make_paper(section, "q", notes="中文,中文\n\n中文,中文")
    lines, summary = check()
    assert len(lines) == 3
    assert summary == "4 checked, 3 problems, punctuation 2, formula 1"


def test_kinds_can_be_chosen(section: Section) -> None:
    make_paper(section, "p", notes=f"{FORMULA}，中文,中文，[[没有]]")
    lines, summary = check("--kind", "formula", "--kind", "link")
    assert len(lines) == 2
    assert summary.endswith("2 problems, formula 1, link 1")


def test_other_kinds_do_not_count(section: Section) -> None:
    make_paper(section, "p", notes=FORMULA)
    assert check("--kind", "price") == ([], "3 checked, 0 problems.")


@pytest.mark.parametrize("arguments", [("pages",), ("notes", "--kind", "colour"), ()])
def test_what_it_does_not_know_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"invalid choice|required"):
        call_command("check_site", *arguments)


def test_sections_and_drafts_are_checked_too(section: Section) -> None:
    make_section("s", section, text=FORMULA)
    make_paper(section, "d", status="draft", notes=FORMULA)
    make_paper(None, "", uid="nowhere", status="draft", notes=FORMULA)
    lines, _summary = check()
    assert [line.split(":")[0] for line in lines] == ["/RL/s/", "/RL/d.html", "/p/nowhere/"]


def test_wikilinks_and_pictures_that_lead_nowhere(section: Section) -> None:
    Figure.objects.create(name="1" * 32 + ".png", width=1, height=1, bytes=1)
    there, missing = (f"![图](/-/figures/{digit * 32}.png)" for digit in "10")
    make_paper(section, "p", notes=f"[[没有]]\n\n{there}\n\n{missing}")
    lines, _summary = check()
    assert [line.split(" ")[0] for line in lines] == ["/RL/p.html:1:", "/RL/p.html:5:"]
    assert lines[1].endswith(f" ({MISSING})")


def test_html_notes_are_checked_as_html(section: Section) -> None:
    make_paper(section, "p", notes="<p>**不是粗体</p><p>\\(\\frac{1\\)</p>", notes_format="html")
    assert check()[1] == "3 checked, 1 problems, formula 1"


def test_a_note_that_cannot_be_rendered_is_a_problem_and_the_rest_goes_on(
    section: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_paper(section, "a", notes="太长")
    make_paper(section, "b", notes=FORMULA)

    def rendered(source: str, note_format: Any) -> Any:
        if source == "太长":
            raise RenderingFailed("渲染\n超时")
        return render(source, note_format)

    monkeypatch.setattr(derived, "rendered", rendered)
    lines, summary = check()
    assert lines[0] == "/RL/a.html: 渲染 超时"
    assert summary == "4 checked, 2 problems, rendering 1, formula 1"


def test_nothing_is_changed(section: Section) -> None:
    make_paper(section, "p", notes=FORMULA)
    Paper.objects.update(notes_html="older", rendered_by="older")
    check()
    assert Paper.objects.get().notes_html == "older"


def test_an_interruption_still_says_what_was_found(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    def look() -> Iterator[list[site_check.Finding]]:
        yield [site_check.Finding("/a/:1", "formula", "坏了")]
        raise KeyboardInterrupt

    monkeypatch.setitem(site_check.PARTS, "notes", site_check.Part(lambda: 9, look))
    with pytest.raises(CommandError, match="interrupted: 1 checked, 1 problems, formula 1") as ended:
        call_command("check_site", "notes", stdout=StringIO())
    assert ended.value.returncode == 130


def test_lines_instead_of_a_bar_where_there_is_no_terminal(
    published_paper: Paper, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "LINE_EVERY", 2)
    assert check() == ([], "3 checked, 0 problems.")
    assert capsys.readouterr().err == "notes 2/3\n"


def test_papers_are_read_in_batches(section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derived, "BATCH", 2)
    for slug in "abcde":
        make_paper(section, slug)
    assert check() == ([], "7 checked, 0 problems.")


def test_the_help_says_what_the_status_means() -> None:
    run = [sys.executable, str(settings.BASE_DIR / "manage.py"), "check_site", "--help"]
    shown = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert "Exits with 1 if anything was found." in " ".join(shown.split())
    assert "{links,addresses,notes}" in shown
