"""Guards: what a run may do at most without a person's approval."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from bookward.spec.base import Spec, shaped

Share = Annotated[str, shaped(r"^(100|\d{1,2})(\.\d+)?%$", "a share such as 5%")]
"""A share of the rows synced so far, such as `5%`."""


class Guards(Spec):
    """What a run may do at most without a person's approval; beyond that its plan is parked.

    A parked plan is executed by `bookward run SYNC --approve PLAN`, exactly as it is, or not at all.
    """

    max_changes: Annotated[int, Field(ge=0)] | None = None
    """The most records that a run may create, change and remove."""
    max_removals: Annotated[int, Field(ge=0)] | Share | None = None
    """The most records that a run may archive, void or delete: a number, or a share of the rows synced so
    far, such as `5%`."""
    max_amount: Annotated[Decimal, Field(ge=0)] | None = None
    """The largest total amount that a run may move in one currency, without added tax: by how much each
    document or payment that it creates, changes or removes comes to more or less than before, all added up,
    whichever way."""

    def weaker_than(self, other: Guards) -> Sequence[str]:
        """Return the names of the limits that hold less than those of ``other``: raised, or gone.

        A share instead of a number, or the other way round, may hold less.
        """
        return [
            name for name in type(self).model_fields if _is_weaker(getattr(self, name), getattr(other, name))
        ]


def _is_weaker(limit: Decimal | str | None, before: Decimal | str | None) -> bool:
    if before is None or limit == before:
        return False
    if limit is None or isinstance(limit, str) is not isinstance(before, str):
        return True
    return _number(limit) > _number(before)


def _number(limit: Decimal | str) -> Decimal:
    return Decimal(limit.removesuffix("%")) if isinstance(limit, str) else Decimal(limit)
