"""Everything that people set, type or read is documented, and what the documents name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import click
import pytest
from pydantic import BaseModel

from bookward.cli.main import VERBS, command_line, load
from bookward.destinations.base import destination_classes
from bookward.errors import BookwardError
from bookward.settings import SETTINGS
from bookward.sources.base import source_classes
from bookward.spec.alert import ALERT_SPECS
from bookward.spec.model import ModelSpec
from bookward.spec.project import ProjectSpec
from bookward.spec.sync import SyncSpec
from bookward.spec.triggers import Trigger
from tests.unit.test_reference_docs import LEAVES, PAGES, ROOT

NAMES = [name for verbs in VERBS.values() for name in verbs]
SET = {setting.name for setting in SETTINGS}
VARIABLE = re.compile(r"\bBOOKWARD_[A-Z]+(?:_[A-Z]+)*\b")
FOR_TESTS = {"BOOKWARD_FAILPOINT"}
COMMAND = re.compile(r"(?:`|^|\$ )bookward ([a-z][a-z-]*)\b([^`\n#]*)", re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
FILES: Mapping[str, type[BaseModel]] = {
    "project.yaml": ProjectSpec,
    "models": ModelSpec,
    "syncs": SyncSpec,
    **{f"destinations, {name}": kind.spec_class for name, kind in destination_classes().items()},
    **{f"alerts, {name}": spec for name, spec in ALERT_SPECS.items()},
    **{f"sources, {name}": kind.spec_class for name, kind in source_classes().items()},
}
DOCUMENTS = ("README.md", "SECURITY.md", "docs/*.md", "docs/how-to/*.md", "docs/explanation/*.md")


def texts(*patterns: str) -> Iterator[tuple[str, str]]:
    """Yield the files of these patterns, each with its text."""
    for pattern in patterns:
        for file in sorted(ROOT.glob(pattern)):
            yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


# Settings


def test_every_variable_that_anything_reads_is_a_setting_and_every_setting_is_read() -> None:
    placed = texts("src/bookward/**/*.py", "packaging/*.*", "compose.yaml", "Dockerfile")
    read = [(path, name) for path, text in placed for name in VARIABLE.findall(text)]
    assert [(path, name) for path, name in read if name not in SET | FOR_TESTS] == []
    by_code = [name for path, name in read if path.endswith(".py")]
    assert [name for name in sorted(SET) if by_code.count(name) < 2] == []  # beyond its line in the table


def test_documents_name_only_settings_that_there_are() -> None:
    named = {(path, name) for path, text in texts(*DOCUMENTS) for name in VARIABLE.findall(text)}
    assert {(path, name) for path, name in named if name not in SET} == set()


# Files


def objects(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every object of a specification, itself included, by its name."""
    yield schema.get("title", ""), schema
    for name, inner in schema.get("$defs", {}).items():
        if "properties" in inner:
            yield name, inner


@pytest.mark.parametrize("kind", FILES)
def test_every_key_of_a_file_has_a_meaning_and_stands_on_its_page(kind: str) -> None:
    schema = FILES[kind].model_json_schema()
    page = PAGES[
        f"sources/{kind.rpartition(' ')[2]}.md" if kind.startswith("sources") else "project-files.md"
    ]
    keys = {line.split("`")[1].rpartition(".")[2] for line in page.splitlines() if line.startswith("| `")}
    for name, part in objects(schema):
        for key, about in part.get("properties", {}).items():
            assert about.get("description") or "const" in about, f"{name}.{key} says nothing"
            assert key in keys, f"{name}.{key} is on no page"


# Commands


@pytest.mark.parametrize("name", [*NAMES, ""])
def test_every_option_and_argument_of_a_command_is_explained(name: str) -> None:
    verb = load(name) if name else command_line
    for each in verb.params:
        said = each.help if isinstance(each, click.Option) else each.metavar
        assert said, each.name


def test_documents_name_only_commands_and_options_that_there_are() -> None:
    options = {name: {opt for each in load(name).params for opt in each.opts} for name in NAMES}
    whole = {opt for each in command_line.params for opt in each.opts} | {"--help", "--version"}
    for path, text in texts(*DOCUMENTS):
        for name, words in COMMAND.findall(text):
            assert name in NAMES, f"{path}: bookward {name}"
            unknown = set(OPTION.findall(words.partition(" | ")[0])) - options[name] - whole
            assert unknown == set(), f"{path}: bookward {name} {unknown}"


# Errors and alerts


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.code)
def test_every_error_code_stands_on_the_page_of_errors(leaf: type[BookwardError]) -> None:
    assert f"| `{leaf.code}` |" in PAGES["errors.md"]


def test_every_trigger_and_channel_stands_on_the_page_of_alerts() -> None:
    page = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")
    assert [trigger.value for trigger in Trigger if f"`{trigger.value}`" not in page] == []
    promised = page.partition("## What is promised")[2]
    assert [name for name in ALERT_SPECS if f"`{name}`" not in promised] == []
