from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from bookward.engine.casts import caster
from bookward.errors import FieldInvalid
from bookward.spec.field import Field, FieldKind

ID = "0b6f2a4e-5d1c-4c86-9f7a-1f2e3d4c5b6a"
NAIVE = datetime(2026, 1, 31, 9, 30)  # noqa: DTZ001 - what a column without a zone gives
PLUS_13 = timezone(timedelta(hours=13))


def cast(kind: FieldKind, value: object, **facts: object) -> object:
    return caster(Field(name="F", kind=kind, **facts), "F")(value)


def refusal(kind: FieldKind, value: object, **facts: object) -> str:
    with pytest.raises(FieldInvalid) as raised:
        cast(kind, value, **facts)
    assert raised.value.field == "F"
    return raised.value.message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("O'Brien", "O'Brien"),
        ("Zoë 🦊 مرحبا", "Zoë 🦊 مرحبا"),
        ("two\nlines\tand a tab\r\n", "two\nlines\tand a tab\r\n"),
        (7, "7"),
        (True, "true"),
        (False, "false"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-9"), "0.000000001"),
        (1.0, "1"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (date(2026, 1, 31), "2026-01-31"),
        (time(9, 30), "09:30:00"),
        (NAIVE, "2026-01-31T09:30:00"),
        (datetime(2026, 1, 31, 9, 30, tzinfo=PLUS_13), "2026-01-30T20:30:00Z"),
        (UUID(ID), ID),
    ],
)
def test_text_says_as_much_as_the_value(value: object, text: str) -> None:
    assert cast(FieldKind.TEXT, value) == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\x00\xff", "F is b'\\x00\\xff': binary data is not text."),
        ([1, 2], "F is [1, 2]: a list is not text."),
        ({"a": 1}, "F is {'a': 1}: an object is not text."),
        ("a\x00b", "F is 'a\\x00b': character 2 is U+0000, a control character, which cannot be sent."),
        ("\x1b[0m", "F is '\\x1b[0m': character 1 is U+001B, a control character, which cannot be sent."),
        (
            "x\ud83d",
            "F is 'x\\ud83d': character 2 is U+D83D, half of a surrogate pair, which cannot be sent.",
        ),
        (float("nan"), "F is nan: a number is needed."),
        (1e17, "F is 1e+17: a float this large does not hold whole numbers exactly."),
        (
            Decimal("1E+1000000"),
            "F is 1E+1000000: more than 99 digits before or behind the point.",
        ),
        (timedelta(1), "F is a length of time: a length of time is not text."),
    ],
)
def test_text_that_cannot_be_sent_is_refused_by_name(value: object, reason: str) -> None:
    assert refusal(FieldKind.TEXT, value) == reason


def test_a_long_name_is_refused_and_never_cut() -> None:
    assert cast(FieldKind.TEXT, "x" * 255, max_length=255) == "x" * 255
    message = refusal(FieldKind.TEXT, "x" * 300, max_length=255)
    assert message.endswith("300 characters, at most 255 are allowed.")
    assert len(message) < 130


def test_length_counts_characters_not_bytes() -> None:
    assert cast(FieldKind.TEXT, "🦊" * 5, max_length=5) == "🦊" * 5


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    assert "F is a value of type int" in refusal(FieldKind.TEXT, 10**5000)
    assert "more than 99 digits" in refusal(FieldKind.DECIMAL, 10**5000)


TYPES = ("DEFAULT", "DDI", "MOBILE", "FAX")


def test_a_choice_is_taken_in_any_case_when_there_is_no_doubt() -> None:
    assert cast(FieldKind.TEXT, "MOBILE", choices=TYPES) == "MOBILE"
    assert cast(FieldKind.TEXT, " mobile", choices=TYPES) == "MOBILE"
    assert cast(FieldKind.TEXT, "a", choices=("a", "A")) == "a"


def test_an_unknown_choice_names_the_allowed_and_the_nearest() -> None:
    message = refusal(FieldKind.TEXT, "MOBIL", choices=TYPES)
    assert message == "F is 'MOBIL': allowed are DEFAULT, DDI, MOBILE, FAX; nearest is MOBILE."


def test_a_choice_that_case_leaves_open_is_refused() -> None:
    assert "allowed are ab, AB" in refusal(FieldKind.TEXT, "Ab", choices=("ab", "AB"))


def test_many_choices_are_listed_in_part() -> None:
    choices = tuple(f"C{number}" for number in range(40))
    assert "C0, C1, C2, C3, C4, C5, C6, C7 and 32 more" in refusal(FieldKind.TEXT, "?", choices=choices)


@pytest.mark.parametrize(
    "value", [20, "20", " 20 ", "+20", "20.00", Decimal("20.000"), 20.0, Decimal("2E+1")]
)
def test_whole_numbers_are_integers(value: object) -> None:
    result = cast(FieldKind.INTEGER, value)
    assert result == 20
    assert type(result) is int


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (20.5, "F is 20.5: a whole number is needed, not one with decimals (1 behind the point)."),
        (
            Decimal("1.123456789012"),
            "F is 1.123456789012: a whole number is needed, not one with decimals (12 behind the point).",
        ),
        (True, "F is True: a yes/no value is not a number."),
        ("1,000", "F is '1,000': not a number in plain digits with a point, such as 1234.50."),
        ("twenty", "F is 'twenty': not a number in plain digits with a point, such as 1234.50."),
        ("", "F is '': not a number in plain digits with a point, such as 1234.50."),
        (2**63, "F is 9223372036854775808: too large for a whole number of 64 bits."),
        (1e18, "F is 1e+18: a float this large does not hold whole numbers exactly."),
        (date(2026, 1, 1), "F is 2026-01-01: a value of type date is not a number."),
    ],
)
def test_what_is_not_a_whole_number_is_refused(value: object, reason: str) -> None:
    assert refusal(FieldKind.INTEGER, value) == reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.123456789012"), "1.123456789012"),
        (Decimal("10.00"), "10.00"),
        (Decimal("1E+2"), "100"),
        ("1234.50", "1234.50"),
        ("-.5", "-0.5"),
        (0.1, "0.1"),
        (3, "3"),
        ("\u0661", None),  # an Arabic one
        ("1.5e3", None),
        ("1.234,50", None),
        ("NZD 5", None),
        ("NaN", None),
        (Decimal("NaN"), None),
        (Decimal("sNaN"), None),
        (Decimal("Infinity"), None),
        (float("inf"), None),
        (b"1", None),
        (True, None),
    ],
)
def test_decimals_are_exact_or_refused(value: object, text: str | None) -> None:
    if text is None:
        refusal(FieldKind.DECIMAL, value)
        return
    result = cast(FieldKind.DECIMAL, value)
    assert isinstance(result, Decimal)
    assert str(result) == text


@pytest.mark.parametrize("value", [True, "true", "T", "Yes", "y", "1", 1, Decimal("1.0"), 1.0])
def test_yes_is_read_in_its_usual_forms(value: object) -> None:
    assert cast(FieldKind.BOOLEAN, value) is True


@pytest.mark.parametrize("value", [False, "false", "F", "No", "n", "0", 0, Decimal(0)])
def test_no_is_read_in_its_usual_forms(value: object) -> None:
    assert cast(FieldKind.BOOLEAN, value) is False


@pytest.mark.parametrize("value", [2, "maybe", "", Decimal("0.5"), Decimal("sNaN"), float("nan"), b"1", []])
def test_what_is_neither_yes_nor_no_is_refused(value: object) -> None:
    refusal(FieldKind.BOOLEAN, value)


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 1, 31),
        NAIVE,
        datetime(2026, 1, 31, 1, tzinfo=PLUS_13),
        "2026-01-31",
        "2026-01-31T10:00:00Z",
        "2026-01-31 10:00:00.5+13",
    ],
)
def test_a_day_is_taken_from_days_and_moments(value: object) -> None:
    assert cast(FieldKind.DATE, value) == "2026-01-31"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (date(1752, 12, 31), "F is 1752-12-31: ledgers keep no date before 1753-01-01."),
        ("0001-01-01", "F is '0001-01-01': ledgers keep no date before 1753-01-01."),
        ("31/01/2026", "F is '31/01/2026': not a date as YYYY-MM-DD."),
        ("20260131", "F is '20260131': not a date as YYYY-MM-DD."),
        ("2026-02-30", "F is '2026-02-30': day is out of range for month."),
        (1769817600, "F is 1769817600: a value of type int is not a date."),
        (None, "F is None: a value of type NoneType is not a date."),
    ],
)
def test_what_is_not_a_day_is_refused(value: object, reason: str) -> None:
    assert refusal(FieldKind.DATE, value) == reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 1, 31, 9, tzinfo=UTC), "2026-01-31T09:00:00Z"),
        (datetime(2026, 1, 31, 9, tzinfo=PLUS_13), "2026-01-30T20:00:00Z"),
        (NAIVE.replace(microsecond=5), "2026-01-31T09:30:00.000005"),
        ("2026-01-31 09:00:00 +13:00", "2026-01-30T20:00:00Z"),
        ("2026-01-31T09:00", "2026-01-31T09:00:00"),
        (date(2026, 1, 31), "2026-01-31T00:00:00"),
        ("2026-01-31", "2026-01-31T00:00:00"),
    ],
)
def test_moments_are_in_utc_when_they_have_a_zone(value: object, text: str) -> None:
    assert cast(FieldKind.DATETIME, value) == text


@pytest.mark.parametrize(
    "value",
    [
        NAIVE.replace(year=1700),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
        "yesterday",
        5,
        time(9),
    ],
)
def test_what_is_not_a_moment_is_refused(value: object) -> None:
    refusal(FieldKind.DATETIME, value)


@pytest.mark.parametrize("value", [UUID(ID), ID, ID.upper(), f" {ID} ", ID.replace("-", "")])
def test_ids_are_canonical(value: object) -> None:
    assert cast(FieldKind.UUID, value) == ID


@pytest.mark.parametrize("value", ["C-1", "{" + ID + "}", ID[:-1], 5, UUID(ID).bytes])
def test_what_is_not_an_id_is_refused(value: object) -> None:
    refusal(FieldKind.UUID, value)
