"""Cases of crash tests: all of them at night, half of them on every landing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest


def alternating(*parts: Sequence[str]) -> Iterator[Any]:
    """Yield all combinations, each with the key alive and dead; one of the two is for every landing."""
    for chosen in product(*(range(len(part)) for part in parts)):
        names = [part[place] for part, place in zip(parts, chosen, strict=True)]
        for late in (False, True):
            marks = () if late == bool(sum(chosen) % 2) else pytest.mark.nightly
            key = "key dead" if late else "key alive"
            yield pytest.param(*names, late, marks=marks, id="-".join([*names, key]))
