"""Writing contacts: how an element finds its contact, and what refuses it."""

from __future__ import annotations

from typing import ClassVar

from bookward.demo.xero import contact_rules as rules
from bookward.demo.xero.contact_lookup import find_contact
from bookward.demo.xero.contact_shape import ACTIVE, ARCHIVED, CONTACT_KIND, name_key
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Record, RecordKind
from bookward.demo.xero.writing import Writer, Written


class ContactWriter(Writer):
    """Writes contacts."""

    kind: ClassVar[RecordKind] = CONTACT_KIND

    def write(self, sent: Element) -> Written:
        sent = rules.tidied(sent)
        held, errors = self._matched(sent)
        if not errors:
            errors = self._identity_errors(sent, held) + self._taken(sent, held)
        nested = rules.nested_problems(sent, held.doc if held else {})
        errors += rules.problems(sent, self.options)
        if errors or nested:
            return self.refused(rules.echoed(sent, nested), held, errors)
        archived = ARCHIVED in {sent.get("ContactStatus"), held.status if held else ACTIVE}
        doc = rules.merged(held.doc if held else {}, sent, self.options)
        return self.accepted(self.stored(held, ARCHIVED if archived else ACTIVE, doc))

    def _matched(self, sent: Element) -> tuple[Record | None, list[str]]:
        """Return the contact that is meant, by id, else number, else name; or why it cannot be written."""
        id_, number, name = (sent.get(field) for field in ("ContactID", "ContactNumber", "Name"))
        held = None if self.create_only else find_contact(self.books, id_=id_, number=number, name=name)
        if held is not None and held.status == ARCHIVED:
            return held, [rules.ARCHIVED_CONTACT]
        if self.create_only and self._archived_namesake(sent):
            return None, [rules.ARCHIVED_CONTACT]
        if held is not None and self._other_number_refused(sent, held):
            return held, [rules.name_taken(sent["Name"])]
        return held, []

    def _archived_namesake(self, sent: Element) -> bool:
        number, name = sent.get("ContactNumber"), sent.get("Name")
        found = (find_contact(self.books, number=number), find_contact(self.books, name=name))
        return any(contact is not None and contact.status == ARCHIVED for contact in found)

    def _other_number_refused(self, sent: Element, held: Record) -> bool:
        if self.options.name_with_other_number == "update" or sent.get("ContactID"):
            return False
        number, own = sent.get("ContactNumber") or "", held.doc.get("ContactNumber", "")
        return bool(number and own) and number.casefold() != own.casefold()

    def _identity_errors(self, sent: Element, held: Record | None) -> list[str]:
        if held is not None or "Name" in sent:
            return []
        return [rules.NO_NAME if sent.get("ContactNumber") else rules.NO_IDENTITY]

    def _taken(self, sent: Element, held: Record | None) -> list[str]:
        """Return the complaints about values that belong to somebody else."""
        own = held.id if held else None
        errors = []
        if "Name" in sent and self._other("name", name_key(sent["Name"], self.options), own, status=ACTIVE):
            errors.append(rules.name_taken(sent["Name"]))
        if (number := sent.get("ContactNumber")) and self._other("number", number.casefold(), own):
            errors.append(rules.NUMBER_TAKEN)
        if (number := sent.get("AccountNumber")) and self._other("account_number", number.casefold(), own):
            errors.append(rules.ACCOUNT_NUMBER_TAKEN)
        return errors

    def _other(self, key: str, value: str, own: str | None, *, status: str | None = None) -> bool:
        return self.records.by_key(key, value, own, status=status) is not None
