"""Emulators of warehouses, each in an environment of its own: they need other versions than we do."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from tests.peers.postgres import wait_until


def environment(name: str, *pins: str) -> Path:
    """Return the folder of a virtual environment with these packages, made on first use and kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "bookward-tests"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"{name}-{hashlib.sha256(' '.join(pins).encode()).hexdigest()[:12]}"
    uv = str(Path(sys.executable).parent / "uv")
    with FileLock(f"{folder}.lock"):
        if not (folder / "whole").exists():
            _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
            _run(uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *pins)
            (folder / "whole").touch()
    return folder


@contextmanager
def running(
    command: Sequence[str | Path], answers: Callable[[], bool], environ: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run an emulator until the end; ``answers`` says whether it has started."""
    with tempfile.TemporaryDirectory(prefix="bookward-emulator-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdout=out, stderr=out, cwd=folder, env={**os.environ, **(environ or {})}
            )

        def started() -> bool:
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended while starting:\n{log.read_text()}")
            return answers()

        try:
            wait_until(started, f"{command[0]} did not start", seconds=120)
            yield process
        finally:
            process.kill()
            process.wait(timeout=20)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
