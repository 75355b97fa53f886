"""Whether a model's key tells its rows apart: all of them are read for it, of the key's columns alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bookward.engine.gathering import Gathering, bad_lines
from bookward.engine.keys import bad_keys
from bookward.engine.staging import stage
from bookward.engine.workspace import Workspace
from bookward.model import Model
from bookward.records import Rejection
from bookward.sources.base import NotANumber

SHOWN = 5

FOLDER = ".keys"
"""Under the work folder: of whoever holds the lock of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReport:
    """What was found of a model's key."""

    rows: int  #: that the model returned
    left_out: int  #: of them, for their key; no sync would take them
    reasons: tuple[Rejection, ...]  #: of the first few


def check_key(
    model: Model, workspace: Workspace, alone: Callable[[], AbstractContextManager[None]]
) -> KeyReport:
    """Look for nulls and duplicates in a model's key; where rows are gathered, for lines that are no row.

    Args:
        model: its key is looked at.
        workspace: its folder is made and removed.
        alone: holds the folder, waiting for whoever has it.

    Raises:
        ModelRefused, SourceUnreachable, SourceFailed: the model cannot be read.
        ColumnMissing: it lacks a column of its key or of its lines.
    """
    with alone():
        shutil.rmtree(workspace.folder, ignore_errors=True)  # what a killed process left behind
        workspace.folder.mkdir(parents=True)
        try:
            return _checked(model, workspace)
        except NotANumber as error:
            model.loosen(error.column)
            return _checked(model, workspace)
        finally:
            shutil.rmtree(workspace.folder, ignore_errors=True)


def _checked(model: Model, workspace: Workspace) -> KeyReport:
    keys, read = model.spec.primary_key, workspace.folder / "read.parquet"
    gathering = Gathering.of(model.spec, keys)
    with model.read(gathering.reads if gathering else keys) as found:
        rows = stage(found.schema, found.batches, read, lambda _: None)
    problems = bad_lines(read, gathering, workspace) if gathering else bad_keys(read, keys, workspace)
    left_out, reasons = 0, list[Rejection]()
    for problem in problems:
        left_out += problem.rows
        if len(reasons) < SHOWN:
            reasons.append(problem.rejection)
    return KeyReport(rows=rows, left_out=left_out, reasons=tuple(reasons))
