"""Keeps what the benches found in ``bench/RESULTS.md``: a section a bench, each replaced by its next run."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

FILE = Path(__file__).with_name("RESULTS.md")
_TITLE = "# What the benches found\n\nWritten by the commands named here, each its own section.\n"
_PACKAGES = ("bookward", "duckdb", "pyarrow", "httpx", "xero-python")


def keep(title: str, command: str, *parts: str) -> None:
    """Replace the section ``title``, or add it at the end.

    Args:
        command: reproduces the figures.
        parts: paragraphs and tables.
    """
    section = "\n\n".join([f"## {title}", f"`{command}` on {_today()}, {_machine()}.", *parts]) + "\n"
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else _TITLE
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if pattern.search(text):
        text = pattern.sub(lambda _: section + "\n", text)
    else:
        text = f"{text.rstrip()}\n\n{section}"
    FILE.write_text(text.rstrip() + "\n", encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown that a terminal shows well, too: words to the left, figures to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    numeric = [
        all(row[column][:1].isdigit() or row[column] == "-" for row in rows) for column in range(len(head))
    ]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * (width - 1) + (":" if right else "-") for width, right in zip(widths, numeric, strict=True)]
    return "\n".join([line(head), line(rule), *(line(row) for row in rows)])


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GB memory, "
        f"Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()
