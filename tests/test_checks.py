"""System checks say what is wrong before it goes wrong."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections


def test_the_databases_of_the_tests_are_supported() -> None:
    call_command("check", verbosity=0)


def test_another_database_is_named_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connections["default"]), "vendor", "oracle")
    with pytest.raises(SystemCheckError, match=r"papers.E001.*oracle"):
        call_command("check", verbosity=0)
