"""What is said where the answer of a server cannot be taken apart: before its first rows, and among them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from bookward.errors import BookwardError, SourceFailed
from bookward.heavy import pa
from bookward.ports import Rows
from bookward.sources.server import RemoteSource


class Odd(RemoteSource):
    """Answers one batch, then something that nobody expected; or that at once."""

    dialect, who, catalogue = "postgres", "SELECT 1", "SELECT 1"

    def __init__(self, *, at_once: bool) -> None:
        super().__init__("odd", "odd.example.com")
        self._spec = None
        self._at_once = at_once

    def session(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def answer(self, session: Any, query: str) -> Rows:
        if self._at_once:
            raise KeyError("columns")
        batch = pa.record_batch({"a": [1]})
        return Rows(batch.schema, self._batches(batch))

    def errors(self) -> tuple[type[Exception], ...]:
        return ()

    def failure(self, what: str, error: Exception) -> BookwardError:
        raise AssertionError(what) from error

    @staticmethod
    def _batches(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield batch
        raise KeyError("Mars/Olympus")


def failed(*, at_once: bool) -> SourceFailed:
    with pytest.raises(SourceFailed) as caught, Odd(at_once=at_once).read("SELECT 1") as rows:
        list(rows.batches)
    return caught.value


def test_what_answers_with_something_else_may_be_another_service(caplog: pytest.LogCaptureFixture) -> None:
    error = failed(at_once=True)
    assert "answers with something else than it should: KeyError('columns')" in error.message
    assert "another service may answer there" in error.remedy
    assert caplog.records == []


def test_a_value_that_cannot_be_read_is_no_wrong_address_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR)
    error = failed(at_once=False)
    assert error.message.endswith(
        "failed while it was read: a value cannot be read: KeyError('Mars/Olympus')"
    )
    assert "address" not in error.remedy
    (logged,) = caplog.records
    assert logged.exc_info is not None
    assert "Mars/Olympus" in str(logged.exc_info[1])
