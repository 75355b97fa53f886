"""Processes that begin with everything imported: importing takes most of what a killed run would take.

They are forked from a server that has imported Bookward and done nothing else, one for each process of tests.
Each is a process like any other: it has memory, locks and files of its own, and ends as the kernel ends it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bookward.cli.main import command_line

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["pytest", __name__, "tests.crash.imported"])


def run_forked(
    work: Callable[..., object], *words: object, environ: Mapping[str, str], seconds: float
) -> tuple[int, str]:
    """Call ``work`` with the words in a process of its own; return its exit code and its stderr.

    Raises:
        TimeoutError: it had not ended in time, and was killed.
    """
    with TemporaryDirectory() as folder:
        said = Path(folder) / "stderr"
        process = _SERVER.Process(target=_begin, args=(said, dict(environ), work, words))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{work.__name__} {words} did not end:\n{said.read_text()}")
        return process.exitcode, said.read_text()


def bookward(*words: str) -> None:
    """Run a command line of Bookward."""
    command_line.main(words)


def _begin(
    said: Path, environ: dict[str, str], work: Callable[..., object], words: tuple[object, ...]
) -> None:
    os.environ.clear()
    os.environ.update(environ)
    with said.open("wb") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
    work(*map(str, words))
