"""What a plain scalar of a file means.

Numbers are those of YAML 1.2's JSON schema: ``0200``, ``+64`` and ``0x1F`` stay text, since in account codes
and telephone numbers every character counts, and so do dates, ``yes`` and ``no``.
Source: YAML 1.2.2, sections 10.2 and 10.3.
"""

from __future__ import annotations

import re
from decimal import Decimal

from bookward.project.document import Scalar

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 64
_LONGEST_EXPONENT = 3  # digits and sign: 1e999999999 is short to write and endless to write out


def plain_scalar(text: str) -> Scalar:
    """Return the value of an unquoted scalar, numbers with a point as ``Decimal``, exactly as written.

    Raises:
        ValueError: it is a number too long to be meant.
    """
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    number = _NUMBER.fullmatch(text)
    if not number:
        return text
    if len(text) > _LONGEST_NUMBER or len(number[3] or "") > _LONGEST_EXPONENT + 1:
        raise ValueError("number too long")
    return Decimal(text) if number[2] or number[3] else int(text)
