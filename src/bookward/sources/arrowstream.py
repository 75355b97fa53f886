"""Arrow as a stream over the network, where a lost connection may look like an end.

Source: Arrow, IPC Streaming Format.
"""

from __future__ import annotations

from collections.abc import Iterator

from bookward.heavy import pa

END = b"\xff\xff\xff\xff\0\0\0\0"
"""What a whole stream ends with; Arrow's own reader does without it."""

_BATCH_BYTES = 2 * 1024 * 1024


def slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield a batch in pieces of bounded size."""
    rows = max(1, _BATCH_BYTES * batch.num_rows // max(batch.nbytes, 1))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)
