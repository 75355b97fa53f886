from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bookward.errors import SettingInvalid
from bookward.settings import Settings


@pytest.mark.parametrize("size", ["64MB", "1GB", "1.5 GiB", "512mb", "2TB", " 1GB "])
def test_an_amount_of_memory_is_one_that_duckdb_takes(tmp_path: Path, size: str) -> None:
    said = Settings.read(tmp_path, {"BOOKWARD_MEMORY_LIMIT": size}).memory_limit
    with duckdb.connect(config={"memory_limit": said}) as connection:
        assert connection.execute("SELECT sum(range) FROM range(1000)").fetchall() == [(499_500,)]


@pytest.mark.parametrize("size", ["1", "1XB", "much", "-1GB", "0GB", "16MB", "80%", "1GB;"])
def test_no_amount_of_memory_is_refused_by_the_name_of_its_variable(tmp_path: Path, size: str) -> None:
    with pytest.raises(SettingInvalid, match=f"BOOKWARD_MEMORY_LIMIT is '{size}'") as caught:
        Settings.read(tmp_path, {"BOOKWARD_MEMORY_LIMIT": size})
    assert "BOOKWARD_MEMORY_LIMIT=2GB" in caught.value.remedy


def test_projects_that_share_a_work_folder_do_not_meet_in_it(tmp_path: Path) -> None:
    work = {"BOOKWARD_WORK": str(tmp_path / "spill")}
    one, other = (Settings.read(tmp_path / name, work).work for name in ("one", "other"))
    assert one != other
    assert {one.parent, other.parent} == {tmp_path / "spill"}
    assert Settings.read(tmp_path / "one", {}).work == tmp_path / "one" / ".bookward" / "work"
