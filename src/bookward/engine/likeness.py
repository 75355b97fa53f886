"""How much two names are alike: by their words, however those are written, shortened or put together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from typing import TypeAlias

Words: TypeAlias = tuple[str, ...]

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
_SAME = {
    **dict.fromkeys(("on", "at", "day"), "date"),
    **dict.fromkeys(("no", "num", "nr", "nbr"), "number"),
    **dict.fromkeys(("acc", "acct"), "account"),
    **dict.fromkeys(("desc", "descr"), "description"),
    **dict.fromkeys(("ccy", "curr", "cur"), "currency"),
    **dict.fromkeys(("vat", "gst"), "tax"),
    **dict.fromkeys(("zip", "zipcode", "postcode"), "postal code"),
    **dict.fromkeys(("fname", "forename", "firstname"), "first name"),
    **dict.fromkeys(("lname", "surname", "lastname"), "last name"),
    **dict.fromkeys(("tel", "telephone"), "phone"),
    "addr": "address",
    "amt": "amount",
    "cust": "customer",
    "inv": "invoice",
    "mail": "email",
    "qty": "quantity",
    "ref": "reference",
}
"""What a word stands for; a shortened one for the whole, a preposition for what follows from it."""

_SHUFFLED, _PARTLY = 0.97, 0.9
_ALIKE = 0.8  # below this, letters in common say nothing


@cache
def words(name: str) -> Words:
    """Return the words of a name: `customer_email`, `customerEmail` and `Customer e-mail` have the same."""
    return tuple(_words(name.replace("e-mail", "email").replace("E-mail", "Email")))


def _words(name: str) -> Iterator[str]:
    for word in _WORD.findall(_BOUNDARY.sub(" ", name)):
        yield from _SAME.get(word.lower(), _singular(word.lower())).split()


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word.removesuffix("es") if word.endswith("sses") else word.removesuffix("s")
    return word


@cache
def likeness(one: Words, other: Words) -> float:
    """Return how alike two names are, from 0 to 1 for the same words in the same order."""
    if one == other:
        return 1.0
    if sorted(one) == sorted(other):
        return _SHUFFLED
    ratio = SequenceMatcher(None, " ".join(one), " ".join(other)).ratio()
    shared = len(set(one) & set(other)) / max(len(one), len(other), 1)
    return _PARTLY * max(ratio if ratio >= _ALIKE else 0.0, shared)
