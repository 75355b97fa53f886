"""The models that dbt builds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table

from bookward.cli.render.text import cell, moment, prose

if TYPE_CHECKING:
    from bookward.app import Artefacts


def dbt_view(found: Artefacts) -> Iterator[RenderableType]:
    """Yield the models, and when dbt ran last."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for name in ("Model", "Key", "Relation", "Build", "Description"):
        table.add_column(name, overflow="fold")
    for model in found.models:
        trouble = found.built.trouble(model.unique_id) if found.built else ""
        table.add_row(
            cell(model.name),
            cell(", ".join(model.primary_key) or "-"),
            cell(model.relation or "ephemeral"),
            cell(trouble or "ok", "red" if trouble else "green"),
            cell(model.description),
        )
    yield table
    at = found.built.at if found.built else found.at
    yield prose(f"{len(found.models)} models; dbt ran last at {moment(at)}.")
