"""How DuckDB's types are said in the Tabular Data Stream. Source: [MS-TDS] 2.2.5.4 and 2.2.5.5."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

COLLATION = bytes.fromhex("0904d00034")
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_PARTIAL = struct.pack("<Q", 0xFFFFFFFFFFFFFFFE)  # a length that is not known before the end
_NULL = b"\xff" * 8


class Wire(NamedTuple):
    """A type: its description, and how a value is written."""

    info: bytes
    value: Callable[[Any], bytes]


def wire(duck: str) -> Wire:
    """Return how a column of this type of DuckDB's is sent; an ENUM stands for XML, which it has not."""
    if duck in ("DECIMAL(19,4)", "DECIMAL(10,4)"):
        return _MONEY if duck == "DECIMAL(19,4)" else _SMALL_MONEY
    if found := _DECIMAL.fullmatch(duck.replace("HUGEINT", "DECIMAL(38,0)")):
        precision, scale = int(found[1]), int(found[2])
        return Wire(bytes([0x6A, 17, precision, scale]), lambda value: _decimal(value, scale))
    return _XML if duck.startswith("ENUM") else _WIRES.get(duck, _TEXT)


def _sized(type_: int, size: int, format_: str) -> Wire:
    return Wire(bytes([type_, size]), lambda value: _short(value, lambda: struct.pack(format_, value)))


def _short(value: Any, made: Callable[[], bytes]) -> bytes:
    if value is None:
        return b"\0"
    data = made()
    return bytes([len(data)]) + data


def _decimal(value: Decimal | int | None, scale: int) -> bytes:
    def made() -> bytes:
        sign, digits, exponent = Decimal(str(value)).as_tuple()
        assert isinstance(exponent, int)
        number = int("".join(map(str, digits))) * 10 ** (scale + exponent)
        return bytes([1 - sign]) + number.to_bytes(16, "little")

    return _short(value, made)


def _money(value: Decimal | None) -> bytes:
    def made() -> bytes:
        number = int(Decimal(str(value)).scaleb(4)) & 0xFFFFFFFFFFFFFFFF
        return struct.pack("<II", number >> 32, number & 0xFFFFFFFF)

    return _short(value, made)


def _small_money(value: Decimal | None) -> bytes:
    return _short(value, lambda: struct.pack("<i", int(Decimal(str(value)).scaleb(4))))


def _long(data: bytes | None) -> bytes:
    """Return a value of no greatest length, in pieces of some thousand bytes."""
    if data is None:
        return _NULL
    pieces = [data[start : start + 3_000] for start in range(0, len(data), 3_000)]
    return _PARTIAL + b"".join(struct.pack("<I", len(each)) + each for each in pieces) + b"\0\0\0\0"


def _text(value: Any) -> bytes:
    return _long(None if value is None else str(value).encode("utf-16le"))


def _date(value: date) -> bytes:
    return (value.toordinal() - 1).to_bytes(3, "little")


def _time(value: time | datetime) -> bytes:
    micros = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    return (micros * 10).to_bytes(5, "little")


def _offset(value: datetime) -> bytes:
    """Return a moment, which is in UTC on the wire, as somebody two hours east of there has written it."""
    moment = value.astimezone(UTC)
    return _time(moment) + _date(moment) + struct.pack("<h", timedelta(hours=2).seconds // 60)


_TEXT = Wire(b"\xe7\xff\xff" + COLLATION, _text)
_XML = Wire(b"\xf1\0", _text)
_MONEY = Wire(b"\x6e\x08", _money)
_SMALL_MONEY = Wire(b"\x6e\x04", _small_money)
_WIRES = {
    "BOOLEAN": _sized(0x68, 1, "<?"),
    "UTINYINT": _sized(0x26, 1, "<B"),
    "TINYINT": _sized(0x26, 2, "<h"),
    "SMALLINT": _sized(0x26, 2, "<h"),
    "INTEGER": _sized(0x26, 4, "<i"),
    "BIGINT": _sized(0x26, 8, "<q"),
    "FLOAT": _sized(0x6D, 4, "<f"),
    "DOUBLE": _sized(0x6D, 8, "<d"),
    "DATE": Wire(b"\x28", lambda value: _short(value, lambda: _date(value))),
    "TIME": Wire(b"\x29\x07", lambda value: _short(value, lambda: _time(value))),
    "TIMESTAMP": Wire(b"\x2a\x07", lambda value: _short(value, lambda: _time(value) + _date(value))),
    "TIMESTAMP WITH TIME ZONE": Wire(b"\x2b\x07", lambda value: _short(value, lambda: _offset(value))),
    "UUID": Wire(b"\x24\x10", lambda value: _short(value, lambda: uuid.UUID(str(value)).bytes_le)),
    "BLOB": Wire(b"\xa5\xff\xff", _long),
}
