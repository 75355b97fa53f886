"""The call budget of organisations, remembered between processes."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from bookward.ports import BudgetState
from bookward.store.database import Database
from bookward.store.tables import budgets


class Budgets:
    """Remembers call budgets (``ports.Budget``)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, organisation: str) -> BudgetState:
        query = select(budgets).where(budgets.c.organisation == organisation)
        with self._database.reading() as connection:
            line = connection.execute(query).one_or_none()
        if line is None:
            return BudgetState()
        return BudgetState(
            minute_left=line.minute_left,
            day_left=line.day_left,
            seen_at=line.seen_at,
            blocked_until=line.blocked_until,
        )

    def save(self, organisation: str, state: BudgetState) -> None:
        values = asdict(state)
        line = insert(budgets).values(organisation=organisation, **values)
        with self._database.writing(at_once=False) as connection:
            connection.execute(
                line.on_conflict_do_update(index_elements=[budgets.c.organisation], set_=values)
            )
