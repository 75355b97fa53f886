"""JSON that keeps money exact: a ``Decimal`` is written as the number it is, and read back as one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

Record = TypeVar("Record")

_encoder = msgspec.json.Encoder(decimal_format="number", order=None)
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_decoder = msgspec.json.Decoder(float_hook=Decimal)

JsonError = msgspec.DecodeError


def encode(value: object) -> bytes:
    """Return ``value`` as UTF-8 JSON, members in the order given."""
    return _encoder.encode(value)


def encode_sorted(value: object) -> bytes:
    """Return ``value`` as UTF-8 JSON, members sorted: equal values give equal bytes."""
    return _sorted_encoder.encode(value)


def decode(text: bytes | str) -> Any:
    """Return the value of a JSON text; numbers with a point become ``Decimal``.

    Raises:
        JsonError: the text is not JSON.
    """
    return _decoder.decode(text)


def decode_as(text: bytes | str, record: type[Record]) -> Record:
    """Return the record of a type that ``encode`` has written.

    Raises:
        JsonError: the text is not JSON.
        msgspec.ValidationError: it is no such record.
    """
    return msgspec.json.decode(text, type=record)
