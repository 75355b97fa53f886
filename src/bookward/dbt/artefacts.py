"""What dbt writes down of a project and of its last run: manifest.json and run_results.json.

Source: dbt's published schemas, manifest version 10 to 12 and run results version 5 and 6; what is not needed
here is not looked at, so that later versions can be read as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from bookward.errors import ModelRefused
from bookward.nearest import did_you_mean

_OK = frozenset({"success", "pass", "warn", "no-op"})


class DbtModel(Struct, frozen=True, kw_only=True):
    """One model of a dbt project."""

    unique_id: str
    name: str
    relation: str | None  #: as the warehouse calls it, quoted; None for an ephemeral one
    query: str | None  #: what dbt compiled it to, where it did
    primary_key: tuple[str, ...]  #: by its tests for unique and not null; empty where there are none
    description: str
    columns: Mapping[str, str]  #: name to description
    tests: tuple[str, ...] = ()  #: unique ids


class Built(Struct, frozen=True, kw_only=True):
    """How the last run went that dbt wrote down."""

    at: datetime
    results: Mapping[str, tuple[str, str]]  #: unique id of a model or test to its status and message

    def trouble(self, unique_id: str) -> str:
        """Return what went wrong with a model or test, "" where nothing did or it was not part of the run."""
        status, message = self.results.get(unique_id, ("success", ""))
        return "" if status in _OK else f"{status}: {message}".rstrip(": ")

    def explains(self, model: DbtModel) -> bool:
        """Return whether it says both what went wrong in the run and how a model, or a test of it, fared."""
        told = any(status not in _OK for status, _ in self.results.values())
        return told and any(each in self.results for each in (model.unique_id, *model.tests))


class Artefacts(Struct, frozen=True, kw_only=True):
    """A project's models, and how its last run went."""

    at: datetime  #: when the manifest was written
    models: Sequence[DbtModel]  #: by name
    built: Built | None  #: None where there is no run_results.json
    bad_end: str = ""  #: of the last run, where whoever ran dbt says that it ended badly

    def find(self, name: str) -> DbtModel:
        """Return the model of a name, or of a whole unique id.

        Raises:
            ModelRefused: there is none, or more than one.
        """
        found = [each for each in self.models if name in (each.name, each.unique_id)]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(each.unique_id for each in found)
            said = f"There is more than one dbt model {name!r}."
            raise ModelRefused(said, remedy=f"Name one whole: {ids}.")
        near = did_you_mean(name, [each.name for each in self.models])
        raise ModelRefused(
            f"There is no dbt model {name!r}. {near}".rstrip(),
            remedy="`bookward dbt` lists all that there are.",
        )


class _Metadata(Struct):
    generated_at: datetime


class _Column(Struct):
    description: str = ""


class _DependsOn(Struct, frozen=True):
    nodes: tuple[str, ...] = ()


class _Node(Struct):
    unique_id: str
    name: str
    resource_type: str
    relation_name: str | None = None
    compiled_code: str | None = None
    description: str = ""
    columns: dict[str, _Column] = {}
    primary_key: list[str] | None = None
    attached_node: str | None = None
    depends_on: _DependsOn = _DependsOn()
    column_name: str | None = None
    test_metadata: dict[str, Any] | None = None

    def tests(self, model: str) -> bool:
        """Return whether it is a test of a model: a query of its own is one of every model that it reads."""
        if self.attached_node is not None:
            return self.attached_node == model
        return model in self.depends_on.nodes


class _Manifest(Struct):
    metadata: _Metadata
    nodes: dict[str, _Node]


class _Result(Struct):
    unique_id: str
    status: str
    message: str | None = None


class _RunResults(Struct):
    metadata: _Metadata
    results: list[_Result]


def artefacts(manifest: bytes, run_results: bytes | None, place: str, bad_end: str = "") -> Artefacts:
    """Return what the two files say.

    Args:
        place: where they lie, for errors.
        bad_end: of the run, where it had one.

    Raises:
        ModelRefused: they are not what dbt writes.
    """
    read = _decoded(manifest, _Manifest, "manifest.json", place)
    ran = _decoded(run_results, _RunResults, "run_results.json", place) if run_results else None
    tests = [node for node in read.nodes.values() if node.resource_type == "test"]
    models = [
        _model(node, [test for test in tests if test.tests(node.unique_id)])
        for node in read.nodes.values()
        if node.resource_type in ("model", "snapshot", "seed")
    ]
    built = ran and Built(
        at=ran.metadata.generated_at,
        results={each.unique_id: (each.status, each.message or "") for each in ran.results},
    )
    return Artefacts(
        at=read.metadata.generated_at,
        models=sorted(models, key=lambda each: each.name),
        built=built,
        bad_end=bad_end,
    )


def _model(node: _Node, tests: Sequence[_Node]) -> DbtModel:
    return DbtModel(
        unique_id=node.unique_id,
        name=node.name,
        relation=node.relation_name,
        query=node.compiled_code,
        primary_key=tuple(node.primary_key or _proved(tests)),
        description=node.description,
        columns={name: column.description for name, column in node.columns.items()},
        tests=tuple(test.unique_id for test in tests),
    )


def _proved(tests: Sequence[_Node]) -> Sequence[str]:
    """Return the first column that is tested to be unique and not null: earlier manifests say no more."""
    tested = {(str((test.test_metadata or {}).get("name")), test.column_name) for test in tests}
    unique = [column for kind, column in sorted(tested, key=str) if kind == "unique" and column]
    return [column for column in unique if ("not_null", column) in tested][:1]


def _decoded(text: bytes, kind: type[Any], name: str, place: str) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise ModelRefused(
            f"{name} in {place} is not what dbt writes: {error}.",
            remedy="Let dbt write it anew (`dbt build`), and name its target folder.",
        ) from error
