"""An answer of ClickHouse in Arrow, taken as it comes and held against what a whole one ends with.

The server sends its 200 before it has computed all rows: what goes wrong later stands as text among the
bytes. A connection that is lost between two batches is the end of the answer to Arrow's own reader.
Source: ClickHouse, docs/en/interfaces/http.md, "HTTP response codes caveats"; Arrow, IPC Streaming Format.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from bookward.heavy import pa
from bookward.sources.arrowstream import END, slices

_REMEMBERED = 16_384  # bytes; where the server's words about what went wrong are looked for
_WORDS = re.compile(rb"Code: (\d+)\. DB::Exception: ([^\r\n]+)")


class AnswerBroken(Exception):
    """An answer did not come to its end; ``code`` is ClickHouse's, None where the server said nothing."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class Answer(io.RawIOBase):
    """The bytes of an answer, for Arrow to read."""

    def __init__(self, response: Any, broken: tuple[type[Exception], ...]) -> None:
        """Read nothing yet.

        Args:
            response: of ``clickhouse_connect``'s ``raw_stream``.
            broken: what it raises when the connection is lost.
        """
        self._response = response
        self._broken: tuple[type[Exception], ...] = (*broken, pa.ArrowException, OSError)
        self._last = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._response.read(None if size < 0 else size)
        self._last = (self._last[-_REMEMBERED:] + data)[-_REMEMBERED:]
        return data

    def close(self) -> None:
        self._response.close()
        super().close()

    def reader(self) -> pa.RecordBatchReader:
        """Return what reads the batches, its schema read.

        Raises:
            AnswerBroken: there is none.
        """
        try:
            return pa.ipc.open_stream(self)
        except self._broken as error:
            raise self._failure(error) from error

    def batches(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        """Yield all batches, the large ones in slices.

        Raises:
            AnswerBroken: there are fewer than the server meant to send.
        """
        try:
            for batch in reader:
                yield from slices(batch)
            whole = self._last.endswith(END) and not self.read(1)
        except self._broken as error:
            raise self._failure(error) from error
        if not whole:
            raise self._failure(None)

    def _failure(self, error: Exception | None) -> AnswerBroken:
        try:
            self.read()
        except self._broken as later:
            error = error or later
        said = _WORDS.search(self._last)
        if said:
            return AnswerBroken(said[2].decode(errors="replace"), int(said[1]))
        return AnswerBroken(f"the answer has no end ({error})" if error else "the answer has no end")
