"""Rockset, a service that ended in 2024: its models can still be seen, and be moved to another source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import ClassVar, Literal

from pydantic import ConfigDict, SecretStr

from bookward.errors import SourceFailed
from bookward.ports import Rows
from bookward.records import CheckStep, ListedTable
from bookward.sources.base import failed
from bookward.spec.source import SourceSpec


class RocksetSpec(SourceSpec):
    """Rockset, which ended in 2024 (retired).

    A file that is there stays readable, so that `bookward repoint` can move its models to another source.
    """

    model_config = ConfigDict(json_schema_extra={"deprecated": True})
    retired: ClassVar[str] = "Rockset ended in 2024; nothing answers there any more."

    type: Literal["rockset"] = "rockset"
    """Rockset (retired)."""
    region: str | None = None
    """Where it was, such as `usw2a1`; not used."""
    api_key: SecretStr | None = None
    """What signed in there, as `${NAME}`; not used, and best removed."""


class RocksetSource:
    """Says of everything that it is no more."""

    spec_class: ClassVar[type[SourceSpec]] = RocksetSpec
    dialect: ClassVar[str] = "presto"  # the nearest that sqlglot knows: functions, UNNEST and casts are alike

    def __init__(self, name: str, _spec: RocksetSpec) -> None:
        self._name = name

    def check(self) -> Iterator[CheckStep]:
        yield failed("reach", self._gone())

    def tables(self) -> Iterator[ListedTable]:
        raise self._gone()

    def read(self, query: str) -> AbstractContextManager[Rows]:
        raise self._gone()

    def pushdown(self) -> None:
        """Return nothing: nothing is there that could compare."""

    def _gone(self) -> SourceFailed:
        return SourceFailed(
            f"Source {self._name!r}: {RocksetSpec.retired}",
            remedy="Add the source that has the data now, then move the models, with what is known of their "
            f"syncs: bookward repoint {self._name} NEW_SOURCE",
        )
