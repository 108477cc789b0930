"""The rendering child: limits, failures, and going on after them."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from papers.rendering import SOURCE_LIMIT, Format, RenderingFailed, render_in_child, to_markdown_in_child
from papers.rendering.process import ChildRenderer
from papers.rendering.renderer import render
from papers.rendering.to_markdown import to_markdown

# Python-Markdown copies the whole text for each tag.
SLOW = "<b></b>" * 70_000
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def make_renderer() -> Iterator[Callable[..., ChildRenderer]]:
    made: list[ChildRenderer] = []

    def make(**limits: float) -> ChildRenderer:
        made.append(ChildRenderer(**limits))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for renderer in made:
        renderer.close()


@pytest.fixture(scope="module")
def warm_renderer() -> Iterator[ChildRenderer]:
    """For tests after any of which it has to go on, so that they need not start a child each."""
    renderer = ChildRenderer()
    yield renderer
    renderer.close()


@pytest.fixture
def impatient(warm_renderer: ChildRenderer) -> ChildRenderer:
    warm_renderer.time_limit = 0.3
    return warm_renderer


def ends(pid: int, within: float = 10) -> bool:
    """Waits for a process that need not be a child of ours."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], within)[0])
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_the_child_gives_what_the_function_gives(format: Format) -> None:
    source = "# 题\n\n<p>$x_1$ 😀 \n\n$\\foo$ [a](/b)\n\n[[topics]]"
    assert render_in_child(source, format) == render(source, format)


def test_the_child_makes_the_markdown_that_the_function_makes() -> None:
    source = "<h2>题</h2><p>$x_1$ 😀 【1，<em>a</em>】</p><pre><code>a &lt; b\n\n</code></pre>"
    assert to_markdown_in_child(source) == to_markdown(source)
    assert render_in_child(source, "html") == render(source, "html")


def test_markdown_that_takes_too_long_is_stopped(make_renderer: Callable[..., ChildRenderer]) -> None:
    renderer = make_renderer(time_limit=0.5)
    with pytest.raises(RenderingFailed, match=r"0\.5 秒"):
        renderer.to_markdown("<p>a " * 100_000)
    with pytest.raises(RenderingFailed, match="512 KB"):
        renderer.to_markdown("a" * (SOURCE_LIMIT + 1))


def test_the_child_stays_warm(make_renderer: Callable[..., ChildRenderer]) -> None:
    renderer = make_renderer()
    renderer.render("a", "markdown")
    first = renderer.pid
    renderer.render("b", "markdown")
    assert renderer.pid == first


def test_a_long_note_does_not_block_the_pipes(make_renderer: Callable[..., ChildRenderer]) -> None:
    source = ("中文 $x$ " + "字" * 300 + "\n\n") * 300
    assert make_renderer(time_limit=60).render(source, "markdown") == render(source, "markdown")


def test_a_note_over_the_limit_starts_no_child(make_renderer: Callable[..., ChildRenderer]) -> None:
    renderer = make_renderer()
    with pytest.raises(RenderingFailed, match="512 KB"):
        renderer.render("字" * (SOURCE_LIMIT // 3 + 1), "markdown")
    assert renderer.pid is None


def test_a_note_at_the_limit_is_rendered(make_renderer: Callable[..., ChildRenderer]) -> None:
    assert make_renderer().render("a" * SOURCE_LIMIT, "html").html == "a" * SOURCE_LIMIT


def test_a_slow_note_is_stopped_and_its_child_with_it(make_renderer: Callable[..., ChildRenderer]) -> None:
    renderer = make_renderer(time_limit=0.5)
    renderer.render("a", "markdown")
    pid = renderer.pid
    with pytest.raises(RenderingFailed, match=r"0\.5 秒"):
        renderer.render(SLOW, "markdown")
    assert pid is not None
    assert ends(pid)
    assert renderer.render("b", "markdown").html == "<p>b</p>"


def test_a_note_that_wants_too_much_memory_fails(make_renderer: Callable[..., ChildRenderer]) -> None:
    renderer = make_renderer(memory_limit=150 * 1024**2, time_limit=60)
    with pytest.raises(RenderingFailed, match="150 MB"):
        renderer.render("$x_1$ " * 60_000, "markdown")
    assert renderer.render("b", "markdown").html == "<p>b</p>"


def test_a_result_that_is_too_long_fails(make_renderer: Callable[..., ChildRenderer]) -> None:
    with pytest.raises(RenderingFailed, match="2 MB"):
        make_renderer(output_limit=2 * 1024**2, time_limit=60).render("$x$" * 20_000, "markdown")


@pytest.mark.parametrize("source", [">" * 50_000, "<div>" * 10_000, "$" + "{" * 100_000 + "$", "- " * 2000])
def test_deep_nesting_harms_nobody(source: str) -> None:
    render_in_child(source, "markdown")


@pytest.mark.parametrize("format", ["markdown", "html"])
@pytest.mark.parametrize("sign", ["![a](", "*a_ ", "> ", "<b><p>", "&#", "$$a ", "【", "[[", "<!--", "   \n"])
def test_no_run_of_signs_does_more_than_fail(impatient: ChildRenderer, sign: str, format: Format) -> None:
    with contextlib.suppress(RenderingFailed):
        impatient.render(sign * (SOURCE_LIMIT // len(sign.encode())), format)
    impatient.time_limit = 5
    assert impatient.render("b", "markdown").html == "<p>b</p>"


# What opens and never closes, each of which once was looked for to the end of the note, or made one more level.
OPENINGS = {
    sign: sign * (32 * 1024 // len(sign))
    for sign in (
        "[", "![", "[[", "[x][", "[^", "<b>", "<b></b>", "<!--", "**", "**a ", "*a_", "\\(", "a\\[", "\\$", "$", "${", "a$$", "`` a ` ",
        "a\\begin{align}", "http://a)", "http://a.b).", "【1，",
    )
} | {
    "ticks": "a".join("`" * number for number in range(1, 256)),
    "address": "http://a.b" + ")." * 16 * 1024,
    "heading": "# a" + " " * 32 * 1024 + "b",
    "alt": "![" + "**a " * 8 * 1024 + "](x)",
    "variable": "$" + "a" * 32 * 1024 + "^$b",
}  # fmt: skip


@pytest.mark.parametrize("format", ["markdown", "html"])
@pytest.mark.parametrize("source", OPENINGS.values(), ids=OPENINGS)
def test_openings_without_an_end_are_rendered(source: str, format: Format) -> None:
    render_in_child(source, format)


@pytest.mark.parametrize("tag", ["div", "b", "details", "center", "x-y"])
def test_nested_tags_cost_little(tag: str) -> None:
    assert render_in_child(f"<{tag}>" * 40_000 + "字", "html").plain_text.endswith("字")


def test_a_killed_child_is_replaced(make_renderer: Callable[..., ChildRenderer]) -> None:
    renderer = make_renderer()
    renderer.render("a", "markdown")
    assert renderer.pid is not None
    os.kill(renderer.pid, signal.SIGKILL)
    assert renderer.render("b", "markdown").html == "<p>b</p>"


def test_a_child_that_cannot_start_is_reported(make_renderer: Callable[..., ChildRenderer]) -> None:
    renderer = make_renderer(memory_limit=1)
    with pytest.raises(RenderingFailed, match="没有启动"):
        renderer.render("a", "markdown")


def test_threads_take_turns(make_renderer: Callable[..., ChildRenderer]) -> None:
    renderer = make_renderer()
    results: dict[int, str] = {}
    threads = [
        threading.Thread(target=lambda n=n: results.update({n: renderer.render(f"{n}", "markdown").html}))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: f"<p>{n}</p>" for n in range(20)}


def run(script: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)


def test_a_forked_process_has_a_child_of_its_own() -> None:
    script = """
import os
from papers.rendering.process import _renderer as renderer, render_in_child
render_in_child("a", "markdown")
before = renderer.pid
if fork := os.fork():
    assert os.waitpid(fork, 0)[1] == 0
    assert render_in_child("b", "markdown").html == "<p>b</p>" and renderer.pid == before
else:
    assert render_in_child("c", "markdown").html == "<p>c</p>" and renderer.pid != before
"""
    with run(script) as process:
        assert process.wait(20) == 0


def test_the_child_ends_when_its_parent_is_killed() -> None:
    script = """
import sys
from papers.rendering.process import _renderer as renderer, render_in_child
render_in_child("a", "markdown")
print(renderer.pid, flush=True)
sys.stdin.readline()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert ends(pid)


def test_a_busy_child_ends_when_its_parent_is_killed() -> None:
    script = """
import pathlib, threading
from papers.rendering.process import ChildRenderer
renderer = ChildRenderer(time_limit=60)
renderer.render("a", "markdown")
ticks = lambda: int(pathlib.Path(f"/proc/{renderer.pid}/stat").read_text().split()[13])
before = ticks()
threading.Thread(target=renderer.render, args=("<b></b>" * 70_000, "markdown")).start()
while ticks() < before + 20:
    pass  # until it has worked for a fifth of a second
print(renderer.pid, flush=True)
"""
    with run(script) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert ends(pid, within=2)


def test_the_child_ends_with_its_parent() -> None:
    script = """
from papers.rendering.process import _renderer as renderer, render_in_child
render_in_child("a", "markdown")
print(renderer.pid, flush=True)
"""
    with run(script) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
    assert ends(pid)


def test_the_child_needs_no_django_settings() -> None:
    script = """
import sys
import papers.rendering.child
assert "django.conf" not in sys.modules or not sys.modules["django.conf"].settings.configured
"""
    with run(script) as process:
        assert process.wait(20) == 0
