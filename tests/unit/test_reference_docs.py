from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bookward.errors import BookwardError

ROOT = Path(__file__).parents[2]


def _load() -> ModuleType:
    sys.path.insert(0, str(ROOT / "scripts"))
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = _load()
PAGES: dict[str, str] = reference.pages()
LEAVES: list[type[BookwardError]] = [leaf for group in reference.groups() for leaf in reference.leaves(group)]


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    page = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert page == PAGES[name], "stale: run `make docs`"


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_says_what_happened_and_what_to_do(leaf: type[BookwardError]) -> None:
    assert "code" in vars(leaf)
    assert leaf.__doc__
    assert leaf.remedy.endswith(".")


def test_error_codes_are_unique_and_look_alike() -> None:
    codes = [leaf.code for leaf in LEAVES]
    assert len(set(codes)) == len(codes)
    assert all(code.replace("_", "").isalpha() and code.islower() for code in codes)


def test_the_drawing_of_the_tree_names_every_error_in_its_place() -> None:
    from bookward import errors

    drawn = [line.split("── ")[1].split()[0] for line in (errors.__doc__ or "").splitlines() if "── " in line]
    assert drawn == [
        cls.__name__ for group in reference.groups() for cls in (group, *reference.leaves(group))
    ]
