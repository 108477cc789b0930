"""Rendering in a process of its own, so that no note can hang or kill the site; an HTML note to Markdown there, too."""

import atexit
import os
import threading
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from .limits import MEMORY_LIMIT, OUTPUT_LIMIT, SOURCE_LIMIT, TIME_LIMIT
from .pipe import Child, ChildEnded, ChildTooLate
from .result import Format, Rendered

# A cold start on a busy machine may take this long, and so may a queue of slow notes.
_START_LIMIT = 30.0
_QUEUE_LIMIT = 30.0

_ROOT = Path(__file__).resolve().parents[2]


class RenderingFailed(Exception):
    """`str()` is a sentence for the editor: what happened, what the limit is, what to do."""


class ChildRenderer:
    """One warm child, used by one thread at a time; it starts when first needed, and anew after a failure."""

    def __init__(
        self,
        *,
        time_limit: float = TIME_LIMIT,
        memory_limit: int = MEMORY_LIMIT,
        output_limit: int = OUTPUT_LIMIT,
    ) -> None:
        self.time_limit = time_limit
        self.memory_limit = memory_limit
        self.output_limit = output_limit
        self._child: Child | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """None while no child is running."""
        return self._child.pid if self._child else None

    def render(self, source: str, format: Format) -> Rendered:
        return Rendered.from_dict(self._made({"wanted": "rendered", "source": source, "format": format}))

    def to_markdown(self, source: str) -> str:
        markdown: str = self._made({"wanted": "markdown", "source": source})
        return markdown

    def close(self) -> None:
        if self._child:
            self._child.end()
            self._child = None

    def forget(self) -> None:
        """After a fork: the child belongs to the parent, and the lock may be held by a thread that is not here."""
        if self._child:
            self._child.abandon()
            self._child = None
        self._lock = threading.Lock()

    def _made(self, request: dict[str, Any]) -> Any:
        size = len(request["source"].encode("utf-8", "surrogatepass"))
        if size > SOURCE_LIMIT:
            raise RenderingFailed(_too_long(size))
        if not self._lock.acquire(timeout=_QUEUE_LIMIT):
            raise RenderingFailed(_("渲染进程一直在忙，没有轮到这一篇。请过一会儿再试。"))
        try:
            return self._answer(request)
        finally:
            self._lock.release()

    def _answer(self, request: dict[str, Any]) -> Any:
        was_warm = self._child is not None
        # The child ends itself a little later than we would end it, in case we are gone by then.
        limited = request | {"seconds": self.time_limit + 1}
        try:
            answer = self._running().ask(limited, self.time_limit, self.output_limit)
        except ChildTooLate:
            self._kill()
            raise RenderingFailed(_too_slow(self.time_limit)) from None
        except ChildEnded:
            self._kill()
            if was_warm:
                # It may have been killed between two notes, which is not this one's fault.
                return self._answer(request)
            raise RenderingFailed(_crashed(self.memory_limit)) from None
        except BaseException:
            # Interrupted: the answer still to come must not be taken for that of the next note.
            self._kill()
            raise
        if "failed" in answer:
            self._kill()
            raise RenderingFailed(self._refusal(answer["failed"]))
        return answer["made"]

    def _running(self) -> Child:
        if self._child is None:
            try:
                self._child = Child(
                    "papers.rendering.child", [str(self.memory_limit), str(self.output_limit)], _ROOT
                )
                self._child.wait_until_ready(_START_LIMIT)
            except (OSError, ChildEnded, ChildTooLate) as error:
                self._kill()
                raise RenderingFailed(_("渲染进程没有启动。请管理员检查 Python 环境和内存限制。")) from error
        return self._child

    def _kill(self) -> None:
        if self._child:
            self._child.kill()
            self._child = None

    def _refusal(self, reason: str) -> str:
        match reason:
            case "depth":
                return _("引用、列表或标签嵌套太深，无法渲染。请减少嵌套的层数。")
            case "memory":
                return _("渲染需要的内存超过 %(limit)d MB。请拆成几篇，或删去一部分。") % {
                    "limit": self.memory_limit // 1024**2
                }
        return _("渲染的结果超过 %(limit)d MB。请拆成几篇，或减少公式。") % {
            "limit": self.output_limit // 1024**2
        }


def _too_long(size: int) -> str:
    return _("正文有 %(size)d KB，最多 %(limit)d KB。请拆成几篇，或删去一部分。") % {
        "size": -(-size // 1024),
        "limit": SOURCE_LIMIT // 1024,
    }


def _too_slow(seconds: float) -> str:
    return _(
        "渲染超过 %(seconds)g 秒，已经停止。请检查有没有大段重复的括号、星号、反引号或很深的嵌套，或拆成几篇。"
    ) % {"seconds": seconds}


def _crashed(memory_limit: int) -> str:
    return _(
        "渲染进程意外结束，多半是内存超过 %(limit)d MB，或某个公式、某处嵌套太复杂。请简化最近改动的地方，或拆成几篇。"
    ) % {"limit": memory_limit // 1024**2}


_renderer = ChildRenderer()
atexit.register(_renderer.close)
os.register_at_fork(after_in_child=_renderer.forget)


def render_in_child(source: str, format: Format) -> Rendered:
    """What `render` gives, or `RenderingFailed`."""
    return _renderer.render(source, format)


def to_markdown_in_child(source: str) -> str:
    """What `to_markdown` gives, or `RenderingFailed`."""
    return _renderer.to_markdown(source)
