"""What a role lacks for `diff: warehouse` is said with the statements that give it."""

from __future__ import annotations

import pytest

from bookward.errors import RightsMissing, SourceFailed
from bookward.sources.postgres.rights import refuse_without_rights


def asked(*, copy: bool = False, temporary: bool = True, create: bool, there: bool, usable: bool) -> bool:
    answer = ("etl", 'the "shop"', copy, temporary, create, there, usable)
    return refuse_without_rights(lambda _: [answer], "warehouse", "bookward")


def test_a_schema_is_made_by_who_may_make_it_and_used_by_who_may_use_it() -> None:
    assert asked(create=True, there=False, usable=False)
    assert not asked(create=False, there=True, usable=True)


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(RightsMissing) as missing:
        asked(temporary=False, create=True, there=True, usable=False)
    assert missing.value.message == (
        "Source 'warehouse' does not let 'etl' keep Bookward's tables in schema \"bookward\", which "
        '`diff: warehouse` needs. Missing: GRANT TEMPORARY ON DATABASE "the ""shop""" TO "etl"; '
        'GRANT USAGE, CREATE ON SCHEMA "bookward" TO "etl";'
    )
    with pytest.raises(RightsMissing, match='Missing: CREATE SCHEMA "bookward" AUTHORIZATION "etl";'):
        asked(create=False, there=False, usable=False)


def test_a_copy_that_cannot_be_written_is_no_matter_of_rights() -> None:
    with pytest.raises(SourceFailed) as failed:
        asked(copy=True, create=True, there=True, usable=True)
    assert "diff: local" in failed.value.remedy
