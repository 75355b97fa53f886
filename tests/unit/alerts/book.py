"""The states and messages of a test, in memory, by the same contract as the store's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bookward.spec.triggers import Trigger
from bookward.standings import Level, Message, Silence, Standing, Subject, Told


@dataclass
class MemoryBook:
    """``alerts.telling.Book``; messages that are not held are taken for sent."""

    states: dict[tuple[Subject, Trigger], Standing] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)
    held: list[tuple[Message, datetime]] = field(default_factory=list)
    silenced: list[Silence] = field(default_factory=list)

    def standing(self, subject: Subject, trigger: Trigger) -> Standing | None:
        return self.states.get((subject, trigger))

    def put(self, standing: Standing) -> None:
        self.states[standing.subject, standing.trigger] = standing

    def silences(self) -> Sequence[Silence]:
        return self.silenced

    def told(self, alert: str, subject: Subject, trigger: Trigger) -> Told:
        about = (alert, subject, trigger)
        levels = [one.level for one in self.sent if _about(one) == about]
        held = any(_about(one) == about for one, _ in self.held)
        kept = [one for one in [*self.sent, *(each for each, _ in self.held)] if _about(one) == about]
        episode = max(kept, key=lambda one: one.at).episode if kept else None
        return Told(levels[-1] if levels else Level.OK, held=held, episode=episode)

    def drop_held(self, alert: str, subject: Subject, trigger: Trigger) -> None:
        self.held = [one for one in self.held if _about(one[0]) != (alert, subject, trigger)]

    def post(self, message: Message, not_before: datetime, *, held: bool) -> None:
        if held:
            self.held.append((message, not_before))
        else:
            self.sent.append(message)


def _about(message: Message) -> tuple[str, Subject, Trigger]:
    return message.alert, message.subject, message.trigger
