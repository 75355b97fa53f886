"""Writing contacts: how an element finds its contact, and what refuses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bookward.demo.xero import contact_rules as rules
from bookward.demo.xero.answers import ZERO_ID, not_found
from bookward.demo.xero.contact_shape import ACTIVE, ARCHIVED, Contact, full
from bookward.demo.xero.contact_table import ContactTable
from bookward.demo.xero.envelope import Element, messages
from bookward.demo.xero.options import Options


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one element, as it is answered."""

    element: Element
    failed: bool


class Writer:
    """Writes elements one after the other, each seeing those before it."""

    def __init__(self, table: ContactTable, options: Options, now: int, *, create_only: bool) -> None:
        self._table = table
        self._options = options
        self._now = now
        self._create_only = create_only

    def write_all(self, elements: Sequence[Element]) -> list[Written]:
        """Write elements in order.

        Raises:
            Refused: an element names a contact that does not exist; nothing is written then.
        """
        if not self._create_only:
            self._need_known_ids(elements)
        return [self._write(rules.tidied(element)) for element in elements]

    def _need_known_ids(self, elements: Sequence[Element]) -> None:
        for element in elements:
            id_ = element.get("ContactID")
            if id_ and self._table.by_id(id_) is None:
                raise not_found()

    def _write(self, sent: Element) -> Written:
        held, errors = self._matched(sent)
        if not errors:
            errors = self._identity_errors(sent, held) + self._taken(sent, held)
        nested = rules.nested_problems(sent, held.doc if held else {})
        errors += rules.problems(sent, self._options)
        if errors or nested:
            return self._refused(sent, held, errors, nested)
        return Written(full(self._stored(sent, held)), failed=False)

    def _matched(self, sent: Element) -> tuple[Contact | None, list[str]]:
        """Return the contact that is meant, by id, else number, else name; or why it cannot be written."""
        held = None if self._create_only else self._found(sent)
        if held is not None and held.status == ARCHIVED:
            return held, [rules.ARCHIVED_CONTACT]
        if self._create_only and self._archived_namesake(sent):
            return None, [rules.ARCHIVED_CONTACT]
        if held is not None and self._other_number_refused(sent, held):
            return held, [rules.name_taken(sent["Name"])]
        return held, []

    def _found(self, sent: Element) -> Contact | None:
        if sent.get("ContactID"):
            return self._table.by_id(sent["ContactID"])
        by_number = self._table.by_number(sent["ContactNumber"]) if sent.get("ContactNumber") else None
        return by_number or (self._table.by_name(sent["Name"]) if "Name" in sent else None)

    def _archived_namesake(self, sent: Element) -> bool:
        by_number = self._table.by_number(sent["ContactNumber"]) if sent.get("ContactNumber") else None
        by_name = self._table.by_name(sent["Name"]) if "Name" in sent else None
        return any(found is not None and found.status == ARCHIVED for found in (by_number, by_name))

    def _other_number_refused(self, sent: Element, held: Contact) -> bool:
        if self._options.name_with_other_number == "update" or sent.get("ContactID"):
            return False
        number, own = sent.get("ContactNumber") or "", held.doc.get("ContactNumber", "")
        return bool(number and own) and number.casefold() != own.casefold()

    def _identity_errors(self, sent: Element, held: Contact | None) -> list[str]:
        if held is not None or "Name" in sent:
            return []
        return [rules.NO_NAME if sent.get("ContactNumber") else rules.NO_IDENTITY]

    def _taken(self, sent: Element, held: Contact | None) -> list[str]:
        """Return the complaints about values that belong to somebody else."""
        own = held.id if held else None
        errors = []
        if "Name" in sent and self._table.other_active(sent["Name"], own):
            errors.append(rules.name_taken(sent["Name"]))
        if number := sent.get("ContactNumber"):
            holder = self._table.by_number(number)
            if holder is not None and holder.id != own:
                errors.append(rules.NUMBER_TAKEN)
        account = sent.get("AccountNumber")
        if account and self._table.by_account_number(account, own):
            errors.append(rules.ACCOUNT_NUMBER_TAKEN)
        return errors

    def _refused(
        self,
        sent: Element,
        held: Contact | None,
        errors: list[str],
        nested: dict[tuple[str, int | str], list[str]],
    ) -> Written:
        shows_zero = held is None or self._options.zero_id_on_failed_update
        element = rules.echoed(sent, nested) | {
            "ContactID": ZERO_ID if shows_zero or held is None else held.id,
            "HasValidationErrors": True,
            "ValidationErrors": messages(errors),
        }
        return Written(element, failed=True)

    def _stored(self, sent: Element, held: Contact | None) -> Contact:
        asked = sent.get("ContactStatus")
        if held is None:
            doc = rules.merged({}, sent, self._options)
            return self._table.insert(ARCHIVED if asked == ARCHIVED else ACTIVE, doc, self._now)
        status = ARCHIVED if asked == ARCHIVED else held.status
        contact = Contact(held.id, status, self._now, rules.merged(held.doc, sent, self._options))
        self._table.update(contact)
        return contact
