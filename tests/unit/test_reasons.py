from __future__ import annotations

import pytest

from bookward.reasons import Reason, Refused, reason_id, reasons


def refused(
    message: str, field: str | None = "EmailAddress", status: str = "rejected", rows: int = 1
) -> Refused:
    return Refused(status, "field_invalid", message, "Correct it.", field, rows)


def only(*given: Refused) -> Reason:
    (found,) = reasons(given)
    return found


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("Email 'a@b' is not valid.", 'Email "it\'s" is not valid.', "Email … is not valid."),
        ("Amount is -5; it is more.", "Amount is 12.50; it is more.", "Amount is …; it is more."),
        ("Date 2026-01-02 is locked.", "Date 2026-03-04 is locked.", "Date … is locked."),
        (
            "It is that of 'A' (0f0e0d0c-0001-4000-8000-000000000001).",
            "It is that of 'B' (0f0e0d0c-0001-4000-8000-000000000002).",
            "It is that of … (…).",
        ),
    ],
)
def test_reasons_that_differ_in_values_only_are_one(one: str, other: str, both: str) -> None:
    found = only(refused(one), refused(other, status="parked", rows=3))
    assert (found.message, found.rows, found.statuses) == (both, 4, {"rejected": 1, "parked": 3})


def test_the_most_frequent_values_are_told_with_their_rows() -> None:
    said = "There is no account with Code '{}' in Xero."
    found = only(refused(said.format(205), rows=5), refused(said.format(210), rows=3))
    assert found.values == {"205": 5, "210": 3}
    many = only(*(refused(said.format(n), rows=n) for n in range(1, 2000)))
    assert list(many.values) == ["1000", "999", "998", "997", "996"]
    assert only(refused(said.format(205)), refused(said.format(205))).values == {}
    both = only(refused("It is that of 'A' (1)."), refused("It is that of 'A' (2)."))
    assert both.values == {"1": 1, "2": 1}


def test_what_all_rows_say_is_said_whole() -> None:
    assert only(refused("At most 255 characters."), refused("At most 255 characters.")).message == (
        "At most 255 characters."
    )


def test_the_places_of_lines_do_not_tell_reasons_apart() -> None:
    said = "There is no account '999' in Xero."
    assert only(
        refused(said, "LineItems[1].AccountCode"), refused(said, "LineItems[2].AccountCode")
    ).field == ("LineItems[…].AccountCode")


def test_apostrophes_quote_nothing() -> None:
    found = only(
        refused("Xero's answer and the row's value differ."),
        refused("Xero's answer and the row's value differ."),
    )
    assert found.message == "Xero's answer and the row's value differ."
    assert reason_id("c", "Xero's name of the row's day", None) != reason_id(
        "c", "Xero's day of the row's name", None
    )


def test_the_most_frequent_reason_comes_first() -> None:
    found = reasons([refused("One."), refused("Two.", rows=2), refused("Two.", field="Name")])
    assert [(each.message, each.field, each.rows) for each in found] == [
        ("Two.", "EmailAddress", 2),
        ("One.", "EmailAddress", 1),
        ("Two.", "Name", 1),
    ]
