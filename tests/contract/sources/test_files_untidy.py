"""Files as people have them: changed while they are read, empty, with a name missing. Said in words."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bookward.errors import SourceFailed
from bookward.sources.files import FilesSource
from tests.contract.sources.test_files import rows, source


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
@pytest.mark.parametrize("how", ["grows", "replaced", "gone"])
def test_a_file_that_changes_while_it_is_read_is_not_taken_for_a_whole(
    tmp_path: Path, name: str, how: str
) -> None:
    path = tmp_path / name
    lines = range(30_000)
    if name == "a.parquet":
        pq.write_table(pa.table({"id": list(lines)}), path)
    else:
        start, line = ("id\n", "{}\n") if name == "a.csv" else ("", '{{"id": {}}}\n')
        path.write_text(start + "".join(map(line.format, lines)))
    content = path.read_bytes()

    def change() -> None:
        if how == "grows":
            path.write_bytes(content + content.splitlines(keepends=True)[-1])
        elif how == "replaced":
            (tmp_path / "new").write_bytes(content)
            (tmp_path / "new").rename(path)
        else:
            path.unlink()

    with pytest.raises(SourceFailed, match=rf"Table 't' of .*{name} was changed while it was read"):
        read_while(source(tmp_path, t=name), change)


def read_while(of: FilesSource, change: Callable[[], None]) -> None:
    with of.read("SELECT * FROM t") as found:
        next(found.batches)
        change()
        assert sum(batch.num_rows for batch in found.batches) > 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("blank.csv", b"\nid,name\n1,a\n", "blank.csv begins with an empty line."),
        ("none.json", b"[]", "Table 't' of source 'exports': it is empty"),
        ("none.jsonl", b"\n", "Table 't' of source 'exports': it is empty"),
        (
            "short.csv",
            b"id,name\n1,a\n2\n3,c\n",
            "short.csv: Invalid Input Error: CSV Error on Line: 3 Original Line: 2 Expected Number of",
        ),
        ("quote.csv", b'id,name\n1,"a\n', "Value with unterminated quote found."),
        ("long.csv", b"id,name\n1,b," + b"a" * 1_000_000, "Expected Number of Columns: 2 Found: 3"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_line(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceFailed) as failed:
        rows(source(tmp_path, t=name), "SELECT * FROM t")
    assert said in failed.value.message
    assert not any(word in failed.value.message for word in ("strict_mode", "ignore_errors", str(tmp_path)))
    assert len(failed.value.message) < 1200


def test_a_column_without_a_name_is_called_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,amount,\n1,10.00,\n")
    assert rows(source(tmp_path, t="t.csv"), "SELECT * FROM t") == [
        {"id": "1", "amount": "10.00", "column3": None}
    ]


@pytest.mark.parametrize("name", ["T.CSV.GZ", "T.JSON.GZ"])
def test_an_ending_in_capital_letters_is_one(tmp_path: Path, name: str) -> None:
    content = b"id\n1\n" if "CSV" in name else b'{"id": 1}'
    (tmp_path / name).write_bytes(gzip.compress(content, mtime=0))
    assert rows(source(tmp_path, t=name), "SELECT * FROM t") == [{"id": "1"}]
