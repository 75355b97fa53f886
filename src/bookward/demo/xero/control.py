"""``/_control``: the switches, for those who are in another process."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, get_type_hints

import msgspec

from bookward.demo.xero.answers import Answer, Refused, json_answer, not_found
from bookward.demo.xero.catalogue import WRITERS, all_of
from bookward.demo.xero.envelope import Element, read_moment
from bookward.demo.xero.exchange import Admission, Incoming
from bookward.demo.xero.faults import Fault
from bookward.demo.xero.opening import open_books
from bookward.demo.xero.options import Options
from bookward.demo.xero.world import World


class Control:
    """Serves what stands behind ``/_control/``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def admit(self, incoming: Incoming) -> Admission:
        return Admission()

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        verbs = {
            ("POST", "faults"): self._add_faults,
            ("GET", "faults"): self._show_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "clock"): self._set_clock,
            ("GET", "clock"): self._show_clock,
            ("POST", "options"): self._set_options,
            ("POST", "expire-tokens"): self._expire_tokens,
            ("POST", "reset"): self._reset,
            ("GET", "ledger"): self._ledger,
        }
        verb = verbs.get((incoming.method, incoming.params["verb"]))
        if verb is None:
            raise not_found()
        try:
            return verb(msgspec.json.decode(incoming.body) if incoming.body else {})
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            raise Refused(json_answer({"error": str(error)}, 400)) from None

    def _add_faults(self, value: Any) -> Answer:
        given = value if isinstance(value, list) else [value]
        self._world.faults.add(*[msgspec.convert(fault, Fault) for fault in given])
        return self._show_faults(value)

    def _show_faults(self, _value: Any) -> Answer:
        return json_answer(self._world.faults.waiting())

    def _clear_faults(self, _value: Any) -> Answer:
        self._world.faults.clear()
        return json_answer([])

    def _set_clock(self, value: Any) -> Answer:
        if "set" in value:
            moment = read_moment(value["set"])
            if moment is None:
                raise ValueError(f"{value['set']!r} is not a date.")
            self._world.clock.set(moment)
        self._world.clock.jump(seconds=float(value.get("jump", 0)))
        return self._show_clock(value)

    def _show_clock(self, _value: Any) -> Answer:
        clock = self._world.clock
        return json_answer({"now": clock.now().isoformat(), "uptime": asdict(clock.uptime())})

    def _set_options(self, value: Any) -> Answer:
        types = get_type_hints(Options)
        if unknown := value.keys() - types.keys():
            raise ValueError(f"There is no option {min(unknown)!r}.")
        changes = {name: msgspec.convert(given, types[name]) for name, given in value.items()}
        self._world.options = replace(self._world.options, **changes)
        return json_answer(value)

    def _expire_tokens(self, _value: Any) -> Answer:
        self._world.tokens.expire_all()
        return json_answer({})

    def _reset(self, _value: Any) -> Answer:
        self._world.reset()
        return json_answer({})

    def _ledger(self, _value: Any) -> Answer:
        served = self._world.limits.served
        shown: list[Element] = []
        with self._world.storage.transaction() as db:
            for company in self._world.options.companies:
                books = open_books(self._world, db, company)
                shown.append(
                    {"tenantId": company.id, "tenantName": company.name, "calls": served[company.id]}
                    | {
                        plural[0].lower() + plural[1:]: all_of(books, writer.kind)
                        for plural, writer in WRITERS.items()
                    }
                )
        return json_answer(shown)
