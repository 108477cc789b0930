"""Every string that a person reads goes through gettext, with the Chinese text as its msgid."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

CJK = re.compile(r"[\u4e00-\u9fff]")
CJK_OR_SIGN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
GETTEXT = {"_", "gettext_noop"} | {
    f"{kind}gettext{suffix}" for kind in ("", "n", "p", "np") for suffix in ("", "_lazy")
}
# The renderer's words end in stored HTML, which is the same in any process; the demo's are content,
# and so is what names of people are told by.
EXEMPT = ("rendering", "migrations", "demo.py", "people.py")


def python_files() -> Iterator[Path]:
    for path in (settings.BASE_DIR / "papers").rglob("*.py"):
        if not set(EXEMPT) & set(path.parts):
            yield path


def bare_strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Chinese constants that are neither arguments of gettext nor docstrings."""
    for node in ast.iter_child_nodes(tree):
        is_gettext = isinstance(node, ast.Call) and getattr(node.func, "id", "") in GETTEXT
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_gettext or is_docstring:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CJK.search(node.value):
            yield node
        yield from bare_strings(node)


def test_python_says_nothing_untranslated() -> None:
    found = [
        f"{path.name}:{node.lineno} {node.value!r}"
        for path in python_files()
        for node in bare_strings(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_templates_say_nothing_untranslated() -> None:
    translated = re.compile(
        r"{%-? *translate .*?%}|{%-? *blocktranslate.*?endblocktranslate *-?%}", re.DOTALL
    )
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        if path.name == "500.html":  # must not depend on anything that may be broken
            continue
        bare = translated.sub("", path.read_text(encoding="utf-8")).replace(">藏<", "><")
        assert not CJK_OR_SIGN.search(bare), path.name
