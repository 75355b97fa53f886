"""What somebody made in a demo outlives the next one; what no demo made is never touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookward.demo.company import make_company
from bookward.errors import FilesInTheWay


def test_an_earlier_demo_is_kept_aside_once(tmp_path: Path) -> None:
    folder = tmp_path / "demo-company"
    assert make_company(folder, 1_000) is None
    (folder / "syncs" / "mine.yaml").write_text("model: users\n")
    kept = make_company(folder, 2_000)
    assert kept == tmp_path / "demo-company-before"
    assert ((kept / "syncs/mine.yaml").exists(), (folder / "syncs/mine.yaml").exists()) == (True, False)
    assert "users: 2000" in (folder / "sources/warehouse.yaml").read_text()
    assert make_company(folder, 1_000) == kept
    assert not (kept / "syncs/mine.yaml").exists()


@pytest.mark.parametrize("name", ["demo-company", "demo-company-before"])
def test_a_folder_that_no_demo_made_stays(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "demo-company"
    (tmp_path / name).mkdir()
    (tmp_path / name / "precious").touch()
    if name != folder.name:
        make_company(folder, 1_000)
    with pytest.raises(FilesInTheWay, match=name):
        make_company(folder, 1_000)
    assert (tmp_path / name / "precious").exists()
