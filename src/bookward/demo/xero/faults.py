"""Misbehaviour on demand: what goes wrong, with which requests, and how often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from threading import Event, Lock
from typing import Any, Literal

from bookward import exactjson
from bookward.demo.xero.answers import ZERO_ID, Answer, empty_answer, html_answer, json_answer


class FaultKind(StrEnum):
    """What goes wrong."""

    LATENCY = "latency"  #: ``seconds``, and ``seconds_per_element`` for every record answered, pass first
    PACE = "pace"  #: the answer is ready that long after the request came in, what it takes itself included
    HOLD = "hold"  #: the request stays in flight until it is released
    STATUS = "status"  #: ``status`` with ``body`` is answered
    CUT = "cut"  #: the connection is closed without an answer
    HALF_JSON = "half_json"  #: a whole response, but the JSON in it stops half-way
    HALF_ANSWER = "half_answer"  #: the connection is closed in the middle of the body
    RATE_LIMIT = "rate_limit"  #: an empty 429 with ``problem`` and, but for "concurrent", ``seconds`` to wait
    TOKEN_EXPIRED = "token_expired"  #: 401, as if the token were over  # noqa: S105 - a name, no secret
    FEWER_ELEMENTS = "fewer_elements"  #: 200, but without the last ``elements`` records
    MORE_ELEMENTS = "more_elements"  #: 200, with the last ``elements`` records once more
    WRONG_IDS = "wrong_ids"  #: 200, but every record has ``id`` for its own
    GARBAGE = "garbage"  #: 200 with a page of HTML


_REMAINING = {"minute": "X-MinLimit-Remaining", "day": "X-DayLimit-Remaining"}
_DELAYS = frozenset({FaultKind.LATENCY, FaultKind.PACE, FaultKind.HOLD})


class CutConnection(Exception):
    """Close the connection now, without an answer; ``sent`` is what still goes out before."""

    def __init__(self, sent: Answer | None = None) -> None:
        super().__init__()
        self.sent = sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong with the next ``times`` requests that fit ``method`` and ``path``.

    ``when`` says on which side of the commit. ``remember`` says what the idempotency cache keeps of a request
    that was committed: the true answer, the false one, or none; left out, it is the false one for a 500
    (the application failed and knows it) and the true one for all else (it was lost on the way).
    """

    kind: FaultKind
    method: str = "*"
    path: str = "*"  #: shell pattern, such as ``*/Contacts``
    times: int | None = 1  #: None for every one
    skip: int = 0  #: so many fitting requests pass unharmed first
    when: Literal["before", "after"] = "before"
    status: int = 503
    body: Literal["html", "empty", "json"] = "html"
    seconds: float = 0.0
    seconds_per_element: float = 0.0
    problem: str = "minute"
    elements: int = 1
    id: str = ZERO_ID
    remember: Literal["answer", "fault", "nothing"] | None = None

    def fits(self, method: str, path: str) -> bool:
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path)

    def refusal(self) -> Answer:
        """Return what is answered instead of letting the request in."""
        if self.kind is FaultKind.TOKEN_EXPIRED:
            return unauthorised("TokenExpired")
        return empty_answer(429, self._limit_headers())

    def before(self) -> Answer | None:
        """Return the answer that takes the place of doing anything, None to go on.

        Raises:
            CutConnection: there is to be no answer.
        """
        if self.when == "after":
            return None
        if self.kind is FaultKind.CUT:
            raise CutConnection
        return self._status_answer() if self.kind is FaultKind.STATUS else None

    def after(self, answer: Answer) -> Answer:
        """Return what becomes of the true answer.

        Raises:
            CutConnection: it never arrives, or not whole.
        """
        match self.kind:
            case FaultKind.CUT:
                raise CutConnection
            case FaultKind.HALF_ANSWER:
                raise CutConnection(answer)
            case FaultKind.STATUS if self.when == "after":
                return replace(self._status_answer(), headers=answer.headers)
            case FaultKind.HALF_JSON:
                return replace(answer, body=answer.body[: len(answer.body) // 2])
            case FaultKind.FEWER_ELEMENTS:
                return _changed(answer, lambda _, records: records[: max(0, len(records) - self.elements)])
            case FaultKind.MORE_ELEMENTS:
                return _changed(answer, lambda _, records: records + records[-self.elements :])
            case FaultKind.WRONG_IDS:
                return _changed(answer, self._with_wrong_ids)
            case FaultKind.GARBAGE:
                return replace(html_answer(200), headers=answer.headers)
            case _:
                return answer

    def remembered(self, answer: Answer) -> Answer | None:
        """Return what the idempotency cache keeps of a committed request."""
        keep = self.remember or (
            "fault" if self.kind is FaultKind.STATUS and self.status == 500 else "answer"
        )
        if keep == "nothing":
            return None
        if keep == "fault" and self.kind is FaultKind.STATUS:
            return self._status_answer()
        return answer

    def delay(self, side: str, elements: int, passed: float) -> float:
        """Return the seconds to wait on one side of the commit, ``passed`` after the request came in."""
        if self.kind is FaultKind.PACE:
            whole = self.seconds + self.seconds_per_element * elements
            return max(whole - passed, 0.0) if side == "after" else 0.0
        fixed = self.seconds if side == self.when else 0.0
        return fixed + self.seconds_per_element * elements

    def _status_answer(self) -> Answer:
        if self.body == "empty":
            return empty_answer(self.status)
        if self.body == "json":
            return json_answer({"Title": "Error", "Status": self.status, "Detail": "As told."}, self.status)
        return html_answer(self.status)

    def _with_wrong_ids(self, plural: str, records: list[Any]) -> list[Any]:
        return [record | {f"{plural[:-1]}ID": self.id} for record in records]

    def _limit_headers(self) -> dict[str, str]:
        headers = {"X-Rate-Limit-Problem": self.problem}
        if self.problem in _REMAINING:
            headers[_REMAINING[self.problem]] = "0"
        if self.problem != "concurrent":
            headers["Retry-After"] = str(round(self.seconds) or 1)
        return headers


@dataclass(frozen=True, slots=True)
class Trouble:
    """What strikes one request: its delays, the one other fault, and what ends its being held."""

    delays: Sequence[Fault] = ()
    fault: Fault | None = None
    released: Event = field(default_factory=Event)


@dataclass(slots=True)
class _Planned:
    fault: Fault
    skip: int
    left: int | None

    def strikes(self, method: str, path: str) -> bool:
        """Return whether this request is one of those meant, and count it."""
        if self.left == 0 or not self.fault.fits(method, path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """The faults that wait for their requests.

    Delays add up; of the others the oldest that fits strikes.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._planned: list[_Planned] = []
        self._released = Event()

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._planned += [_Planned(fault, fault.skip, fault.times) for fault in faults]

    def take(self, method: str, path: str) -> Trouble:
        """Return what strikes this request, and count it."""
        with self._lock:
            delays: list[Fault] = []
            struck: Fault | None = None
            for planned in self._planned:
                delaying = planned.fault.kind in _DELAYS
                if (delaying or struck is None) and planned.strikes(method, path):
                    if delaying:
                        delays.append(planned.fault)
                    else:
                        struck = planned.fault
            return Trouble(tuple(delays), struck, self._released)

    def waiting(self) -> list[Fault]:
        """Return the faults that have not struck as often as they should."""
        with self._lock:
            return [planned.fault for planned in self._planned if planned.left != 0]

    def clear(self) -> None:
        """Forget all faults and let held requests go on."""
        with self._lock:
            self._planned.clear()
        self.release()

    def release(self) -> None:
        """Let all requests go on that were struck by a hold until now; later ones are held anew."""
        with self._lock:
            released, self._released = self._released, Event()
        released.set()


def unauthorised(detail: str, status: int = 401, body: str = "json", error: str = "invalid_token") -> Answer:
    """Return a 401 or 403 as the Accounting API gives it."""
    title = "Unauthorized" if status == 401 else "Forbidden"
    headers = {"WWW-Authenticate": f'Bearer error="{error}"'} if error else {}
    if body == "html":
        return replace(html_answer(status), headers=headers)
    if body == "empty":
        return empty_answer(status, headers)
    return json_answer({"Type": None, "Title": title, "Status": status, "Detail": detail}, status, headers)


def _changed(answer: Answer, change: Callable[[str, list[Any]], list[Any]]) -> Answer:
    """Return an answer with other records: ``change`` is given their name in the plural and them."""
    value = exactjson.decode(answer.body) if answer.body else {}
    changed = {name: change(name, part) if isinstance(part, list) else part for name, part in value.items()}
    return replace(answer, body=exactjson.encode(changed) if changed else answer.body)
