"""What holds for the whole repository."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Put together here, so that this file does not name them either.
HOSTS = [
    ".".join(parts)
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("yarnpkg", "com"))
]
WITHOUT_DRIVERS = """
import sys
for name in ("adbc_driver_manager", "adbc_driver_postgresql", "fastapi", "starlette", "uvicorn"):
    sys.modules[name] = None
import bookward.app
from bookward.errors import ExtraMissing
from bookward.sources.base import open_source, source_classes
spec = source_classes()["postgres"].spec_class(type="postgres", url="postgresql://localhost/x")
try:
    with open_source("warehouse", spec).read("SELECT 1"):
        pass
except ExtraMissing as error:
    print(error.remedy)
"""


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_package_registry() -> None:
    named = [
        f"{path.relative_to(ROOT)} names {host}"
        for path in tracked()
        for host in HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert named == []
    assert ROOT / "uv.lock" not in tracked()


def test_no_file_of_code_is_over_400_lines() -> None:
    long = [
        path.name for path in tracked() if path.suffix == ".py" and len(path.read_text().splitlines()) > 400
    ]
    assert long == []


def test_the_core_install_pulls_no_driver() -> None:
    core = [line for line in requires("bookward") or [] if "extra ==" not in line]
    names = {line.split(">")[0].strip() for line in core}
    assert not {name for name in names if name.startswith(("adbc", "psycopg"))}


def test_without_its_driver_a_source_names_the_install_command() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT_DRIVERS], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout == "Run: pip install 'bookward[postgres]'\n"
