"""JSON Schemas of a project's files, for editors.

A file of the starter project names its schema in its first line, where the YAML language server looks:
``# yaml-language-server: $schema=../.schemas/sync.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bookward.spec.alert import ALERT_SPECS, AlertSpec
from bookward.spec.destination import DestinationSpec
from bookward.spec.mapping import ORIGINS
from bookward.spec.model import ModelSpec
from bookward.spec.project import ProjectSpec
from bookward.spec.source import SourceSpec
from bookward.spec.sync import SyncSpec

Schema: TypeAlias = dict[str, Any]

SCHEMA_FOLDER = ".schemas"
"""Where in a project the first lines of the starter's files look for the schemas."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: Schema = {
    "type": "string",
    "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$",
    "description": "Taken from the environment, from the project's .env, or from what is sealed.",
}
_NOT_FREE_TEXT = ("enum", "const", "pattern")


def export_schemas(
    source_specs: Mapping[str, type[SourceSpec]], destination_specs: Mapping[str, type[DestinationSpec]]
) -> dict[str, Schema]:
    """Return file name to JSON Schema (2020-12) for every kind of file in a project."""
    return {
        "project.json": _with_references(_of(ProjectSpec)),
        "source.json": _one_of(source_specs, SourceSpec),
        "model.json": _of_models(),
        "destination.json": _one_of(destination_specs, DestinationSpec),
        "sync.json": _of_syncs(),
        "alert.json": _one_of(ALERT_SPECS, AlertSpec),
    }


def write_schemas(
    folder: Path,
    source_specs: Mapping[str, type[SourceSpec]],
    destination_specs: Mapping[str, type[DestinationSpec]],
) -> list[Path]:
    """Write the schemas into ``folder``, replacing older ones, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in export_schemas(source_specs, destination_specs).items():
        file = folder / name
        file.write_text(
            json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
        )
        written.append(file)
    return written


def _of(spec_class: type[BaseModel]) -> Schema:
    return {"$schema": _DIALECT, **spec_class.model_json_schema()}


def _of_models() -> Schema:
    schema = _of(ModelSpec)
    pairs = combinations(("sql", "table", "dbt", "look"), 2)
    schema["not"] = {"anyOf": [{"required": list(pair)} for pair in pairs]}
    return schema


def _of_syncs() -> Schema:
    schema = _of(SyncSpec)
    for kind in schema["$defs"]["FieldMapping"]["oneOf"]:
        if kind.get("type") == "object":
            # Without this, {column: id} would also be an object with a field "column".
            kind["propertyNames"] = {"not": {"enum": list(ORIGINS)}}
    return schema


def _one_of(specs: Mapping[str, type[BaseModel]], base: type[BaseModel]) -> Schema:
    """Return the schema of a file whose `type` decides what else may stand in it."""
    if not specs:
        return _with_references(_of(base))
    references, definitions = models_json_schema([(spec, "validation") for spec in specs.values()])
    shared = definitions.get("$defs", {})
    tops = {
        spec: shared.pop(reference["$ref"].rpartition("/")[2]) for (spec, _), reference in references.items()
    }
    kinds = []
    for name, spec in sorted(specs.items()):
        kind = deepcopy(tops[spec])
        about = kind["properties"]["type"].get("description", "")
        kind["properties"]["type"] = {"const": name, "description": about}
        kind["required"] = sorted({"type", *kind.get("required", [])})
        kinds.append(kind | _of_form(spec))
    top = {"$schema": _DIALECT, "title": base.__name__, "description": base.__doc__ or "", "oneOf": kinds}
    return _with_references({**top, "$defs": shared})


def _of_form(spec: type[BaseModel]) -> Schema:
    """Return what a form has to know besides: what it asks for first, and what is needed instead of what."""
    first, instead = getattr(spec, "first", ()), getattr(spec, "instead", ())
    said: Schema = {"x-first": list(first)} if first else {}
    if instead:
        said["anyOf"] = [{"required": list(group)} for group in instead]
    return said


def _with_references(schema: Schema) -> Schema:
    """Let ``${NAME}`` stand wherever a value is not free text anyway; `type` alone must be written out."""
    result: Schema = _open(schema)
    result.setdefault("$defs", {})["Reference"] = _REFERENCE
    return result


def _open(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_open(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in ("integer", "number", "boolean") or any(key in schema for key in _NOT_FREE_TEXT):
        return _or_reference(schema)
    return {key: _member(key, value) for key, value in schema.items()}


def _member(key: str, value: Any) -> Any:
    if key == "default":
        return value
    if key in ("properties", "$defs"):
        return {name: part if name == "type" else _open(part) for name, part in value.items()}
    return _open(value)


def _or_reference(schema: Schema) -> Schema:
    about: Schema = {key: schema[key] for key in ("title", "description", "default") if key in schema}
    rest = {key: value for key, value in schema.items() if key not in about}
    return {**about, "anyOf": [rest, {"$ref": "#/$defs/Reference"}]}
