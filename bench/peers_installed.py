"""Others' tools, each installed into an environment of its own by pip, and kept between runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).with_name(".cache")
DLT = ("dlt==1.31.0", "sqlalchemy", "psycopg2-binary", "pyarrow", "requests")
DRT = ("drt-core==1.2.1", "psycopg2-binary")


def programs(requirements: tuple[str, ...]) -> Path:
    """Return the folder of programs of an environment that has ``requirements``, making it when needed."""
    home = CACHE / requirements[0].replace("==", "-")
    ready = home / "ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *requirements], check=True, stderr=subprocess.DEVNULL)
        ready.touch()
    return home / "bin"
