"""What every source's file says; each kind of source adds its own settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Self, TypeAlias

from pydantic import Field

from bookward.spec.base import Spec

CaFile: TypeAlias = Annotated[str | None, Field(title="CA certificate")]
"""The file that says who is trusted."""
ENCRYPTION = Field(title="Encryption")


class SourceSpec(Spec):
    """A warehouse or other store that models read from."""

    retired: ClassVar[str] = ""
    """Why there can be no new source of this kind; empty where there can."""
    first: ClassVar[tuple[str, ...]] = ()
    """The settings that most people need, in the order in which a form asks for them."""
    instead: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of settings of which one is needed in whole, the usual one first; empty where none is chosen."""

    type: str
    """Which kind of source this is, for example `postgres` or `sample`."""
    title: str = ""
    """Its name for people, where that is not the slug."""
    description: str = ""
    """For people; Bookward does not read it."""
    max_rows: Annotated[int, Field(ge=1)] | None = None
    """A model that gives more rows stops its sync before anything is sent."""
    max_bytes: Annotated[int, Field(ge=1)] | None = None
    """A model that gives more bytes, as they lie in memory, stops its sync before anything is sent."""

    @property
    def local_paths(self) -> Sequence[str]:
        """The files of this machine that are read, or patterns of them."""
        path = getattr(self, "path", None)
        return [] if path is None else [path]

    def located(self, root: Path) -> Self:
        """Return it with every path that is not absolute beginning at the project's folder."""
        path = getattr(self, "path", None)
        return self if path is None else self.model_copy(update={"path": str(root / path)})
