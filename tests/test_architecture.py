"""The walls of the house: who may import whom, write what, and say what is public."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for path in (ROOT / "papers").rglob("*.py") if "migrations" not in path.parts)
MAY_WRITE_SETS = {"derived.py", "demo.py"}
SIDE_ROWS = (
    "Address.",
    "Citation.",
    "Figure.",
    "FigureUse.",
    "PaperKey.",
    "SearchRow.",
    "SiteState.",
    "Revision.",
)


def name_of(module: Path) -> str:
    return str(module.relative_to(ROOT / "papers"))


def calls(module: Path) -> Iterator[tuple[str, str, int]]:
    """Every call of a method: what it is called on, its name, the line."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node.func.attr, node.lineno


def imported(module: Path) -> set[str]:
    tree = list(ast.walk(ast.parse(module.read_text())))
    plain = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    return plain | {
        node.module for node in tree if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }


def source(module: Path) -> str:
    """Without comments and docstrings."""
    return ast.unparse(ast.parse(module.read_text()))


def test_sets_of_papers_and_sections_are_written_in_one_module() -> None:
    """These send no signals: whoever calls them has to see to derived data."""
    found = [
        f"{name_of(module)}:{line} {target}.{name}"
        for module in MODULES
        if name_of(module) not in MAY_WRITE_SETS
        for target, name, line in calls(module)
        if name in ("update", "bulk_update", "bulk_create", "aupdate", "abulk_create")
        if re.search(r"objects|manager|queryset|papers|sections|filter\(", target)
        and not target.startswith(SIDE_ROWS)
    ]
    assert found == []


def test_html_is_marked_safe_in_rendering_only() -> None:
    outside = [module for module in MODULES if "rendering" not in module.parts]
    assert [name_of(module) for module in outside if re.search("mark_safe|__html__", source(module))] == []


def test_what_is_public_is_said_in_one_module() -> None:
    written_out = re.compile(
        r"status(__\w+)?\s*=\s*['\"]published|publish_at__lte?\b|(?<!Paper\()status=Paper\.Status\.PUBLISHED"
    )
    known = {"querysets.py", "demo.py"}  # demo makes published papers
    found = [name_of(module) for module in MODULES if written_out.search(source(module))]
    assert [name for name in found if name not in known and name != "models/papers.py"] == []
    models = source(ROOT / "papers" / "models" / "papers.py")
    assert len(written_out.findall(models)) == 1, "the constraint alone"


@pytest.mark.parametrize(
    "room",
    ["paths.py", "citations.py", "rendering", "search/query.py", "search/tokens.py", "search/needs.py"],
)
def test_the_ground_floor_knows_no_database_request_or_setting(room: str) -> None:
    for module in MODULES:
        if name_of(module).startswith(room):
            assert not imported(module) & {"django.db", "django.db.models", "django.http", "django.conf"}, (
                module
            )


def test_walls_between_the_floors() -> None:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command, "import-linter is in the test extra"
    ended = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_no_migration_is_missing(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_what_serves_loads_nothing_that_only_its_child_or_a_command_needs() -> None:
    load = "import django, sys; django.setup(); from papercache_project import urls; print(*sys.modules)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "papercache_project.settings"}
    made = subprocess.run(
        [sys.executable, "-c", load], check=True, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    loaded = set(made.stdout.split())
    assert "papers.admin" in loaded
    assert not loaded & {"markdown", "pygments", "nh3", "math_core", "papers.importers.writing"}
