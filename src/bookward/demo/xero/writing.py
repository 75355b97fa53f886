"""Writing elements one after the other, each seeing those before it, and what becomes of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from bookward.demo.xero.answers import ZERO_ID, not_found
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element, messages
from bookward.demo.xero.kinds import Record, RecordKind, View
from bookward.demo.xero.records import Records


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one element, as it is answered; ``status`` is OK, WARNING or ERROR."""

    element: Element
    status: str = "OK"

    @property
    def failed(self) -> bool:
        return self.status == "ERROR"


class Writer(ABC):
    """Writes elements of one kind."""

    kind: ClassVar[RecordKind]

    def __init__(self, books: Books, *, create_only: bool, view: View | None = None) -> None:
        self.books = books
        self.records = Records(books, self.kind)
        self.options = books.options
        self.create_only = create_only
        self.view = view or View()

    def write_all(self, elements: Sequence[Element]) -> list[Written]:
        """Write elements in order.

        Raises:
            Refused: an element names a record that does not exist; nothing is written then.
        """
        if self.kind.guid and not self.create_only:
            self._need_known_ids(elements)
        return [self.write(element) for element in elements]

    @abstractmethod
    def write(self, sent: Element) -> Written:
        """Write one element, or refuse it."""

    def accepted(self, record: Record, warnings: Sequence[str] = ()) -> Written:
        """Return a record that was stored."""
        element = self.kind.show(self.books, record, self.view)
        if not warnings:
            return Written(element)
        return Written(element | {"Warnings": messages(warnings)}, "WARNING")

    def refused(self, sent: Element, held: Record | None, errors: Sequence[str]) -> Written:
        """Return an element that was not stored, with what is wrong with it."""
        element = dict(sent)
        if self.kind.guid:
            shows_zero = held is None or self.options.zero_id_on_failed_update
            element[self.kind.id] = ZERO_ID if shows_zero or held is None else held.id
        if self.kind.error_flag:
            element[self.kind.error_flag] = True
        return Written(element | {"ValidationErrors": messages(errors)}, "ERROR")

    def stored(self, held: Record | None, status: str, doc: Element) -> Record:
        """Store the record that an element became: a new one, or one in the place of ``held``."""
        if held is None:
            return self.records.insert(status, doc)
        record = Record(held.id, status, self.books.millis, doc)
        self.records.update(record)
        return record

    def _need_known_ids(self, elements: Sequence[Element]) -> None:
        for element in elements:
            id_ = element.get(self.kind.id)
            if id_ and self.records.by_id(id_) is None:
                raise not_found()
