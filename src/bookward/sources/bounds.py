"""How much a model may give: what is beyond it stops the read, and is never cut off in silence."""

from __future__ import annotations

from collections.abc import Iterator

from bookward.errors import ReadTooLarge
from bookward.heavy import pa
from bookward.ports import Rows
from bookward.spec.source import SourceSpec


class Bounds:
    """The most rows and bytes that a read of a model may give."""

    def __init__(self, model: str, source: str, spec: SourceSpec) -> None:
        """Take what the source's file says.

        Args:
            model: its name.
            source: slug of the source.
            spec: of the source.
        """
        self._model = model
        self._source = source
        self._most = {"max_rows": spec.max_rows, "max_bytes": spec.max_bytes}

    def within(self, rows: Rows) -> Rows:
        """Return the same rows; taking more of them than may come raises ``ReadTooLarge``."""
        return Rows(rows.schema, self._counted(rows.batches))

    def _counted(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        came = dict.fromkeys(self._most, 0)
        for batch in batches:
            came["max_rows"] += batch.num_rows
            came["max_bytes"] += batch.nbytes
            for limit, most in self._most.items():
                if most is not None and came[limit] > most:
                    raise self._beyond(limit, most)
            yield batch

    def _beyond(self, limit: str, most: int) -> ReadTooLarge:
        what, file = limit.removeprefix("max_"), f"sources/{self._source}.yaml"
        return ReadTooLarge(
            f"Model {self._model!r} gives more than {most:,} {what}, the `{limit}` in {file}.",
            remedy=f"Narrow the model, or raise `{limit}` if it is meant to be so large; nothing was sent.",
        )
