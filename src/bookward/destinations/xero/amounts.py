"""Amounts as Xero keeps them: what has more decimal places would be booked as something else.

Source: Xero, Rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bookward.errors import FieldInvalid


def check_places(values: Mapping[str, Any], places: Mapping[str, int], path: str = "") -> None:
    """Refuse amounts that Xero would round.

    Args:
        values: the fields of a record, or of a part of it at ``path``, which ends in a dot.
        places: how many decimal places Xero keeps, by field.

    Raises:
        FieldInvalid: an amount has more.
    """
    for name, kept in places.items():
        value = values.get(name)
        if value is not None and len(f"{value:f}".partition(".")[2].rstrip("0")) > kept:
            raise FieldInvalid(
                f"{path}{name} is {value}; Xero keeps {kept} decimal places.",
                field=f"{path}{name}",
                remedy="Round it in the model.",
            )
