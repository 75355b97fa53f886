from __future__ import annotations

from pathlib import Path

import pytest

from bookward.errors import SettingInvalid
from bookward.project.reach import refuse_out_of_reach


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / ".hidden" / "books"
    (root / "data").mkdir(parents=True)
    (root / "away").symlink_to(tmp_path)
    return root


def refuse(root: Path, path: str, *allowed: Path) -> None:
    refuse_out_of_reach("Source 'exports'", [path], root, allowed, root / "kept")


@pytest.mark.parametrize(
    "path", ["a.csv", "data/*.csv", "data/**/part-*.csv", "*", "data/../a.csv", "a[1].csv"]
)
def test_what_is_in_the_project_is_read(root: Path, path: str) -> None:
    refuse(root, str(root / path))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../other.csv", ".env", ".bookward/state.db", "data/.hidden/*.csv",
        "data/*/../../../x", "*/.env", "kept/state.db", "kept/*", "away/x.csv", "/*",
    ],
)  # fmt: skip
def test_what_is_elsewhere_or_hidden_is_refused(root: Path, path: str) -> None:
    with pytest.raises(SettingInvalid, match="'exports' names") as refused:
        refuse(root, str(root / path))
    assert "BOOKWARD_DATA" in refused.value.remedy


def test_more_folders_can_be_named(root: Path, tmp_path: Path) -> None:
    refuse(root, str(tmp_path / "exports" / "a.csv"), tmp_path / "exports")
    with pytest.raises(SettingInvalid):
        refuse(root, str(tmp_path / "exports" / ".env"), tmp_path / "exports")
