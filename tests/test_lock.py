"""`pylock.toml` is what a deployment installs: all that the site needs, for every Python it runs on, by hash alone."""

import re
import tomllib
from typing import Any

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

TEXT = (settings.BASE_DIR / "pylock.toml").read_text(encoding="utf-8")
PACKAGES: dict[str, Any] = {package["name"]: package for package in tomllib.loads(TEXT)["packages"]}


NOT_SERVING = {"test", "export"}  # extras of no machine that serves


def requirements() -> list[Requirement]:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [lines for name, lines in project["optional-dependencies"].items() if name not in NOT_SERVING]
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return [requirement for line in lines if (requirement := Requirement(line)).name != "papercache"]


def wheels(name: str) -> list[str]:
    return [wheel["path"].rpartition("/")[2] for wheel in PACKAGES[name]["wheels"]]


def runs_on(wheel: str, python: str, machine: str) -> bool:
    """On CPython and Linux with the GNU C library."""
    for tag in parse_wheel_filename(wheel)[3]:
        is_for_all = tag.platform == "any"
        is_native = tag.platform.endswith(machine) and "manylinux" in tag.platform
        is_stable = tag.abi == "abi3" and int(tag.interpreter[3:]) <= int(python)
        is_python = tag.interpreter in ("py3", f"cp{python}") or is_stable
        if is_python and tag.abi in ("none", "abi3", f"cp{python}") and (is_for_all or is_native):
            return True
    return False


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_all_that_the_site_needs_is_locked(requirement: Requirement) -> None:
    package = PACKAGES[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(package["version"])


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("python", ["311", "312", "313", "314"])
def test_nothing_is_built_where_the_site_runs(python: str, machine: str) -> None:
    needed = [name for name, package in PACKAGES.items() if "win32" not in package.get("marker", "")]
    missing = [name for name in needed if not any(runs_on(wheel, python, machine) for wheel in wheels(name))]
    assert missing == []


def test_every_file_is_known_by_its_hash_and_by_no_address() -> None:
    hashes = [wheel["hashes"]["sha256"] for package in PACKAGES.values() for wheel in package["wheels"]]
    assert all(re.fullmatch("[0-9a-f]{64}", sha) for sha in hashes)
    assert "://" not in TEXT
