"""What a process of its own takes, from its start to its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one command took."""

    seconds: float  #: on the wall, the start of the interpreter included
    cpu: float  #: seconds of processor, of its children too
    peak_mb: float  #: most memory that it, or the largest of its children, had at once
    output: str


def timed(command: Sequence[object], folder: Path, environ: Mapping[str, str]) -> Taken:
    """Run a command to its end.

    Raises:
        SystemExit: it failed; its output is shown.
    """
    with TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.json"
        done = subprocess.run(
            [sys.executable, "-IS", _LAUNCHER, report, *map(str, command)],
            cwd=folder,
            env=os.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
        taken = json.loads(report.read_text(encoding="utf-8"))
    if status := taken.pop("status"):
        raise SystemExit(f"{' '.join(map(str, command))} ended with {status}:\n{done.stdout[-4000:]}")
    return Taken(output=done.stdout, **taken)


def killed(
    command: Sequence[object], folder: Path, environ: Mapping[str, str], when: Callable[[], bool]
) -> bool:
    """Start a command and kill it (SIGKILL) as soon as ``when``; return False when it had ended before."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(list(map(str, command)), cwd=folder, env=os.environ | environ, **quiet) as process:
        while process.poll() is None and not when():
            time.sleep(0.002)
        process.kill()
    return process.returncode == -signal.SIGKILL
