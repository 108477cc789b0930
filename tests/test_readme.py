"""The README tells the truth about settings, files and commands."""

import re
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands

README = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_table() -> None:
    source = (settings.BASE_DIR / "papercache_project" / "settings.py").read_text(encoding="utf-8")
    used = set(
        re.findall(
            r'(?:env\.\w+|flag|base_url|database|cache|time_zone|hosts|networks|admin_path|one_of|number)\(\s*"([A-Z_]+)"',
            source,
        )
    )
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    assert len(used) > 12
    assert listed - {"PAPERCACHE_ADMIN_PASSWORD"} == used


def test_every_command_named_exists() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", README))
    assert named
    assert named <= set(get_commands())


def test_every_file_named_exists() -> None:
    prose = re.sub(r"`[^`]*`", "", README)
    for name in re.findall(r"\]\(([^)#:]+)\)", prose):
        assert (settings.BASE_DIR / name).exists(), name


def test_the_modules_of_the_layout_exist() -> None:
    layout = README.split("## How the code is laid out")[1].split("```")[1]
    for name in set(re.findall(r"\b(\w+)\.py\b", layout)):
        assert (Path(settings.BASE_DIR) / "papers" / f"{name}.py").exists(), name
