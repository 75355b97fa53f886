"""A source that is no more says so, and what to do."""

from __future__ import annotations

import pytest

from bookward.errors import SourceFailed
from bookward.sources.base import open_source
from bookward.sources.rockset import RocksetSpec


def test_it_says_of_everything_that_it_is_no_more_and_where_its_models_can_go() -> None:
    source = open_source("old", RocksetSpec(api_key="secret-words"))
    (step,) = source.check()
    assert (step.name, step.ok) == ("reach", False)
    assert "ended in 2024" in step.detail
    assert step.remedy.endswith("bookward repoint old NEW_SOURCE")
    for ask in (lambda: source.read("SELECT 1"), source.tables):
        with pytest.raises(SourceFailed, match="ended in 2024") as failed:
            ask()
        assert "secret-words" not in failed.value.message
    assert source.pushdown() is None
