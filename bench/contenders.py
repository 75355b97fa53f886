"""Who is compared: how each is set up in an empty folder, and the command of one run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import peers_drt
import peers_projects
import sinkdestination
from peers_installed import DLT, DRT, programs

_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One contender in a folder of its own, which keeps what it remembers between runs."""

    folder: Path
    command: tuple[object, ...]
    environ: Mapping[str, str]


Prepare = Callable[[Path, str, str], Prepared]
"""Is given an empty folder, the address of the warehouse, and that of the sink."""


def _bookward(folder: Path, warehouse: str, sink: str) -> Prepared:
    sinkdestination.register(folder)
    peers_projects.write_sink_project(folder / "project")
    return _ours(folder, {"WAREHOUSE_URL": warehouse, "SINK_URL": sink, "PYTHONPATH": str(folder)})


def _bookward_to_xero(folder: Path, warehouse: str, sink: str) -> Prepared:
    environ = peers_projects.write_xero_project(folder / "project")
    return _ours(folder, environ | {"WAREHOUSE_URL": warehouse, "SINK_URL": sink})


def _ours(folder: Path, environ: Mapping[str, str]) -> Prepared:
    command = (sys.executable, _HERE / "peers_bookward.py", folder / "project")
    return Prepared(folder=folder, command=command, environ=environ)


def _dlt(backend: str) -> Prepare:
    def prepare(folder: Path, warehouse: str, sink: str) -> Prepared:
        command = (programs(DLT) / "python", _HERE / "peers_dlt.py", backend)
        environ = {"WAREHOUSE_URL": warehouse, "SINK_URL": sink, "RUNTIME__DLTHUB_TELEMETRY": "false"}
        environ |= {"HOME": str(folder), "DLT_DATA_DIR": str(folder / "dlt")}
        return Prepared(folder=folder, command=command, environ=environ)

    return prepare


def _drt(folder: Path, warehouse: str, sink: str) -> Prepared:
    environ = peers_drt.write_project(folder, warehouse, sink)
    return Prepared(folder=folder, command=(programs(DRT) / "drt", "run"), environ=environ)


CONTENDERS: Mapping[str, Prepare] = {
    "bookward": _bookward,
    "bookward, as to Xero": _bookward_to_xero,
    "dlt 1.31.0": _dlt("sqlalchemy"),
    "dlt 1.31.0, by Arrow": _dlt("pyarrow"),
    "drt-core 1.2.1": _drt,
}
