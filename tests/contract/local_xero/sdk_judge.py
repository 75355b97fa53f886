"""The models of the official SDK as a judge: what they read and write again has to be what was answered."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tests.contract.local_xero.judge import ENVELOPE, MORE, MORE_ANSWERED, SCHEMAS

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from xero_python.accounting import models
    from xero_python.api_client import ModelFinder
    from xero_python.api_client.deserializer import deserialize
    from xero_python.api_client.serializer import serialize

_FINDER = ModelFinder(models)
_MOMENT = re.compile(r"/Date\((-?\d+)(?:\+0000)?\)/")

#: Fields that the SDK drops: it is made of the description that lacks them too.
DROPPED = MORE | MORE_ANSWERED
#: Fields that the SDK makes up where none was answered: the description's defaults.
MADE_UP: dict[str, Any] = {
    "Account.HasAttachments": False,
    "Contact.HasAttachments": False,
    "Contact.HasValidationErrors": False,
    "CreditNote.HasAttachments": False,
    "CreditNote.HasErrors": False,
    "Invoice.HasAttachments": False,
    "Invoice.HasErrors": False,
    "Payment.HasAccount": False,
    "Payment.HasValidationErrors": False,
    "Prepayment.HasAttachments": False,
}


@lru_cache(maxsize=1000)
def losses(answer: bytes | str, model: str) -> Sequence[str]:
    """Return what of an answer the SDK's models lose or change, or why they do not take it at all."""
    return tuple(_losses(answer, model))


def _losses(answer: bytes | str, model: str) -> Iterator[str]:
    told = json.loads(answer, parse_float=Decimal)
    if "ProviderName" in told:
        told = {name: member for name, member in told.items() if name not in ENVELOPE}
    try:
        again = serialize(deserialize(model, told, _FINDER))
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        yield f"the SDK does not take it: {error!r}"
        return
    yield from _members(told, again, model)


def _members(told: dict[str, Any], again: dict[str, Any], schema: str) -> Iterator[str]:
    for name, value in told.items():
        where = f"{schema}.{name}"
        if name in again:
            yield from _compared(value, again[name], where, SCHEMAS[schema].get(name, {}).get("ref", ""))
        elif where not in DROPPED:
            yield f"the SDK drops {where}"
    for name in again.keys() - told.keys():
        if again[name] != MADE_UP.get(f"{schema}.{name}"):
            yield f"the SDK makes up {schema}.{name}: {again[name]!r}"


def _compared(told: Any, again: Any, where: str, schema: str) -> Iterator[str]:
    if isinstance(told, list) and isinstance(again, list) and len(told) == len(again):
        for one, other in zip(told, again, strict=True):
            yield from _compared(one, other, where, schema)
    elif isinstance(told, dict) and isinstance(again, dict):
        yield from _members(told, again, schema)
    elif not _same(told, again):
        yield f"the SDK makes {again!r} of {where} {told!r}"


def _same(told: Any, again: Any) -> bool:
    """Return whether two values say the same: numbers are floats in the SDK, days lose their zone of zero."""
    if isinstance(again, float) and isinstance(told, Decimal | int) and not isinstance(told, bool):
        return told == Decimal(repr(again))
    if isinstance(told, str) and isinstance(again, str) and (moment := _MOMENT.fullmatch(told)):
        other = _MOMENT.fullmatch(again)
        return other is not None and moment[1] == other[1]
    return type(told) is type(again) and bool(told == again)
