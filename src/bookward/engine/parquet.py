"""Parquet files that are whole or absent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bookward.disk import disk_errors, move_to_disk
from bookward.heavy import pa, pq

GROUP_ROWS = 122_880
GROUP_BYTES = 128 * 2**20
_DICTIONARY_BYTES = 2**16  #: small: columns of ever new values give up on a dictionary early (-11 % bytes)


class RowWriter:
    """Writes record batches in groups of a fixed number of rows, whatever batches they come in."""

    def __init__(self, path: Path, schema: pa.Schema, group_rows: int, group_bytes: int | None) -> None:
        self.rows = 0
        self._schema = schema
        self._group_rows = group_rows
        self._group_bytes = group_bytes
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._waiting_bytes = 0
        with disk_errors(path):
            self._file = pq.ParquetWriter(
                path,
                schema,
                compression="zstd",
                compression_level=1,
                dictionary_pagesize_limit=_DICTIONARY_BYTES,
            )

    def write(self, batch: pa.RecordBatch) -> None:
        """Take rows of the file's schema.

        Raises:
            StoreFailed: they could not be written.
        """
        if not batch.num_rows:
            return
        self.rows += batch.num_rows
        self._waiting.append(batch)
        self._waiting_rows += batch.num_rows
        self._waiting_bytes += batch.nbytes
        if self._waiting_rows >= self._group_rows:
            self._flush(all_=False)
        elif self._group_bytes is not None and self._waiting_bytes >= self._group_bytes:
            self._flush(all_=True)

    def close(self) -> None:
        """Write what is waiting, and the footer.

        Raises:
            StoreFailed: the file could not be finished.
        """
        if self._waiting:
            self._flush(all_=True)
        with disk_errors(self._file.where):
            self._file.close()

    def discard(self) -> None:
        """Close without writing what is waiting; the disk may be the reason, so it is not asked."""
        with suppress(OSError):
            self._file.close()

    def _flush(self, *, all_: bool) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema)
        rows = table.num_rows if all_ else table.num_rows - table.num_rows % self._group_rows
        with disk_errors(self._file.where):
            self._file.write_table(table.slice(0, rows), self._group_rows)
        rest = table.slice(rows)
        self._waiting = rest.to_batches()
        self._waiting_rows = rest.num_rows
        self._waiting_bytes = rest.nbytes


@contextmanager
def new_file(
    path: Path,
    schema: pa.Schema,
    *,
    group_rows: int = GROUP_ROWS,
    group_bytes: int | None = GROUP_BYTES,
    durable: bool = True,
) -> Iterator[RowWriter]:
    """Yield a writer of a file that appears, whole, when the block ends without an error.

    Args:
        group_bytes: a row group ends when it is so large; None: the file's bytes depend on its rows only.
        durable: whether the file is to be on disk by then, for it to outlive a power cut.
    """
    partial = path.with_name(path.name + ".partial")
    writer = RowWriter(partial, schema, group_rows, group_bytes)
    try:
        yield writer
        writer.close()
    except BaseException:
        writer.discard()
        partial.unlink(missing_ok=True)
        raise
    if durable:
        move_to_disk(partial, path)
    else:
        partial.replace(path)


def read_groups(
    path: Path, start: int = 0, columns: list[str] | None = None, size: int = 1024
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield the rows of a file from place ``start`` on, in small batches, each with the place of its first.

    Row groups before ``start`` are not read.
    """
    with pq.ParquetFile(path) as file:
        place = 0
        for group in range(file.num_row_groups):
            end = place + file.metadata.row_group(group).num_rows
            if end > start:
                yield from _read_group(file, group, place, start, columns, size)
            place = end


def _read_group(
    file: pq.ParquetFile, group: int, place: int, start: int, columns: list[str] | None, size: int
) -> Iterator[tuple[int, pa.RecordBatch]]:
    for batch in file.iter_batches(size, row_groups=[group], columns=columns):
        skipped = min(max(start - place, 0), batch.num_rows)
        if skipped < batch.num_rows:
            yield place + skipped, batch.slice(skipped)
        place += batch.num_rows
