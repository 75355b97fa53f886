from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bookward.project.schema import SCHEMA_FOLDER, export_schemas, write_schemas
from bookward.project.starter import write_starter
from bookward.project.yamlfile import parse_yaml
from bookward.sources.base import source_classes, source_specs
from bookward.sources.postgres.address import PostgresSpec
from bookward.spec.base import SHAPES
from bookward.wiring import destination_specs
from tests.unit.project.folders import DESTINATIONS, SOURCES

SCHEMAS = export_schemas(SOURCES, DESTINATIONS)
SYNC = {"model": "m", "destination": "d", "object": "o", "match": {"A": "a"}}


def valid(name: str, value: Any) -> bool:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema judges the schemas")
    return bool(jsonschema.Draft202012Validator(SCHEMAS[name]).is_valid(value))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schemas_are_schemas(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema judges the schemas")
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schemas_name_their_dialect_and_explain_every_key(name: str) -> None:
    schema = SCHEMAS[name]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["description"]
    assert all(about["description"] for about in schema.get("properties", {}).values())


def test_every_pattern_of_a_text_is_said_in_words() -> None:
    real = export_schemas(source_specs(), destination_specs())
    patterns = {each for schema in real.values() for each in _patterns(schema)}
    assert patterns - {r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"} == set(SHAPES) & patterns
    assert len(patterns) > 5


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from _patterns(each)


def test_every_reference_in_a_schema_leads_somewhere() -> None:
    for schema in SCHEMAS.values():
        text = json.dumps(schema)
        names = {part.partition('"')[0] for part in text.split("#/$defs/")[1:]}
        assert names <= schema.get("$defs", {}).keys()


@pytest.mark.parametrize(
    ("source", "good"),
    [
        ({"type": "sample"}, True),
        ({"type": "sample", "users": "${USERS}"}, True),
        ({"type": "sample", "users": "many"}, False),
        ({"type": "sample", "host": "x"}, False),
        ({"type": "server", "host": "x"}, True),
        ({"type": "server"}, False),
        ({"type": "server", "host": "x", "port": "${P}", "region": "${R}", "password": "${S}"}, True),
        ({"type": "server", "host": "x", "tls": {"verify": "${V}"}}, True),
        ({"type": "server", "host": "x", "tls": {"verify": "maybe"}}, False),
        ({"type": "server", "host": "x", "region": "moon"}, False),
        ({"type": "nothing"}, False),
        ({}, False),
    ],
)
def test_sources_are_told_apart_by_type(source: object, good: bool) -> None:
    assert valid("source.json", source) is good


@pytest.mark.parametrize(
    ("mapping", "good"),
    [
        ("a", True),
        ({"column": "a", "when_null": "clear"}, True),
        ({"column": "a", "when_nul": "clear"}, False),
        ({"value": 5}, True),
        ({"value": "x", "template": "y"}, False),
        ({"template": "{{ a }}", "only_on_create": True}, True),
        ({"A": {"B": [{"C": "d"}]}}, True),
        ({"each": "a", "fields": {"A": [{"B": "c"}]}, "total": {"column": "t", "of": "A"}}, True),
        ({"each": "a", "fields": {"A": {"each": "b", "fields": {"C": "d"}}}, "when_null": "reject"}, True),
        ({"each": "a"}, False),
        ({"each": "a", "fields": {}}, False),
        ({"each": "a", "fields": {"A": 5}}, False),
        ({"each": "a", "column": "b", "fields": {"A": "b"}}, False),
        (5, False),
        (["a"], False),
    ],
)
def test_mappings_are_told_apart_as_the_loader_does(mapping: object, good: bool) -> None:
    assert valid("sync.json", {**SYNC, "fields": {"X": mapping}}) is good


@pytest.mark.parametrize(
    ("keys", "good"),
    [
        ({"primary_key": "id"}, True),
        ({"primary_key": ["a", "b"]}, True),
        ({"primary_key": []}, False),
        ({"primary_key": "id", "lines": {"order_by": "n", "columns": ["a"]}}, True),
        ({"primary_key": "id", "lines": {"order_by": ["n", "m"], "columns": ["a"]}}, True),
        ({"primary_key": "id", "lines": {"columns": ["a"]}}, False),
        ({"primary_key": "id", "lines": {"order_by": "n", "columns": []}}, False),
        ({"primary_key": "id", "table": "t", "sql": "SELECT 1"}, False),
        ({}, False),
    ],
)
def test_models_may_name_one_column_without_a_list(keys: dict[str, object], good: bool) -> None:
    assert valid("model.json", {"source": "s", **keys}) is good


def test_the_starter_satisfies_the_schemas_that_its_files_name(tmp_path: Path) -> None:
    checked = set()
    for file in write_starter(tmp_path):
        if file.suffix == ".yaml":
            text = file.read_text(encoding="utf-8")
            named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
            schema = (file.parent / named).resolve()
            assert schema.parent == (tmp_path / SCHEMA_FOLDER).resolve()
            document, problems = parse_yaml(text, file.name)
            assert document is not None
            assert problems == []
            assert valid(schema.name, document.root.plain())
            checked.add(schema.name)
    assert checked == set(SCHEMAS)


def test_schemas_are_written_and_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / SCHEMA_FOLDER
    first = write_schemas(folder, SOURCES, DESTINATIONS)
    before = [file.read_bytes() for file in first]
    assert [file.read_bytes() for file in write_schemas(folder, SOURCES, DESTINATIONS)] == before
    assert {file.name: json.loads(file.read_bytes()) for file in first} == SCHEMAS


def test_a_build_without_any_kind_of_source_still_has_schemas() -> None:
    assert export_schemas({}, {})["source.json"]["properties"]["type"]


@pytest.mark.parametrize("kind", sorted(source_classes()))
def test_what_is_needed_of_a_source_is_asked_for_first(kind: str) -> None:
    spec = source_classes()[kind].spec_class
    settings = spec.model_fields
    assert set(spec.first) <= set(settings)
    if spec.first:
        needed = {name for name, field in settings.items() if field.is_required()} | {
            *sum(spec.instead[:1], ())
        }
        assert needed - {"tables"} <= set(spec.first)  # no form asks for tables


def test_a_source_is_reached_in_one_of_several_ways() -> None:
    whole = export_schemas({"postgres": PostgresSpec}, DESTINATIONS)["source.json"]
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema judges the schemas")
    judge = jsonschema.Draft202012Validator(whole)
    assert judge.is_valid({"type": "postgres", "host": "h", "database": "d"})
    assert judge.is_valid({"type": "postgres", "url": "postgresql://h/d"})
    assert not judge.is_valid({"type": "postgres", "host": "h"})
    (kind,) = whole["oneOf"]
    assert kind["x-first"] == ["host", "port", "database", "user", "password"]
    assert kind["properties"]["sslrootcert"]["title"] == "CA certificate"
    assert "verify-ca" in kind["properties"]["sslrootcert"]["description"]
