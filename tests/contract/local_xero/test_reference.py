"""The reference page names every switch, fault, path and registered app."""

from __future__ import annotations

from dataclasses import fields

import pytest

from bookward.demo.xero import CUSTOM_APP, PKCE_APP, WEB_APP, Fault, FaultKind, Options


@pytest.mark.parametrize("name", [field.name for field in fields(Options)])
def test_every_option_has_its_line(reference: str, name: str) -> None:
    default = getattr(Options(), name)
    line = next((line for line in reference.splitlines() if line.startswith(f"| `{name}` |")), "")
    assert line
    if not isinstance(default, tuple):
        assert f"`{default}`" in line


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_has_its_line(reference: str, kind: FaultKind) -> None:
    assert f"| `{kind.value}` |" in reference


@pytest.mark.parametrize("name", [field.name for field in fields(Fault)])
def test_every_part_of_a_fault_is_named(reference: str, name: str) -> None:
    assert f"`{name}`" in reference


def test_registered_apps_are_named(reference: str) -> None:
    for app in (WEB_APP, PKCE_APP, CUSTOM_APP):
        assert app.id in reference
        assert (app.secret or "") in reference
