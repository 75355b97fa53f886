"""Cases of crash tests: all of them at night, half of them or fewer on every landing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest


def alternating(*parts: Sequence[str], one_in: int = 1) -> Iterator[Any]:
    """Yield all combinations, each with the key alive and dead; one of the two is for every landing.

    Args:
        one_in: of so many combinations one is for every landing; an odd number, so that keys alternate there.
    """
    for chosen in product(*(range(len(part)) for part in parts)):
        names = [part[place] for part, place in zip(parts, chosen, strict=True)]
        for late in (False, True):
            lands = late == bool(sum(chosen) % 2) and sum(chosen) % one_in == 0
            marks = () if lands else pytest.mark.nightly
            key = "key dead" if late else "key alive"
            yield pytest.param(*names, late, marks=marks, id="-".join([*names, key]))
