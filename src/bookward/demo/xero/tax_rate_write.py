"""``/TaxRates``: writing them. Source: Xero, Accounting API, Tax rates."""

from __future__ import annotations

from typing import ClassVar

from bookward.demo.xero.endpoints import get_list, get_one, write_first
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Record, RecordKind
from bookward.demo.xero.partial import present, text_problems
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.tax_rates import (
    COMPONENT,
    DELETED,
    TAX_RATE,
    TAX_RATE_KIND,
    applies_to,
    find_tax_rate,
    rates,
)
from bookward.demo.xero.writing import Writer, Written

NO_NAME = "A tax rate must have a Name."
NAME_TAKEN = "Please enter a unique Name."
NO_COMPONENTS = "A tax rate must have at least one component with a Name and a Rate."
TWO_COMPOUND = "Only one component of a tax rate can be compound."
BAD_RATE = "The Rate of a component must be between 0 and 100."
NO_REPORT = "A tax rate must have a ReportTaxType."
SYSTEM_RATE = "System tax rates cannot be changed."
DELETED_RATE = "Deleted tax rates cannot be changed."
REPORTING_COUNTRIES = frozenset({"AU", "NZ", "GB"})


def unknown_type(tax_type: str) -> str:
    """Return the message about a tax type that does not exist."""
    return f"The TaxType code '{tax_type}' is not valid."


class TaxRateWriter(Writer):
    """Writes tax rates; those made through the API have types of their own, TAX001 and so on."""

    kind: ClassVar[RecordKind] = TAX_RATE_KIND

    def write(self, sent: Element) -> Written:
        held, errors = self._matched(sent)
        errors = errors or [*self._problems(sent, held)]
        if errors:
            return self.refused(sent, held, errors)
        doc = self._doc(sent, held)
        if held is not None:
            return self.accepted(self.stored(held, sent.get("Status") or held.status, doc))
        return self.accepted(self.records.insert("ACTIVE", doc, doc["TaxType"]))

    def _matched(self, sent: Element) -> tuple[Record | None, list[str]]:
        """Return the rate that is meant, by type, else name; or why it cannot be written."""
        name = (sent.get("Name") or "").casefold()
        if self.create_only:
            return None, []
        if sent.get("TaxType"):
            held = find_tax_rate(self.books, sent["TaxType"])
            if held is None:
                return None, [unknown_type(sent["TaxType"])]
        else:
            held = self.records.by_key("name", name)
        if held is None:
            return None, []
        if held.status == DELETED:
            return held, [DELETED_RATE]
        return held, [] if held.id.startswith("TAX") else [SYSTEM_RATE]

    def _problems(self, sent: Element, held: Record | None) -> list[str]:
        found = [*text_problems(sent, TAX_RATE.fields)]
        name = (sent.get("Name") or "").strip()
        if held is None and not name:
            found.append(NO_NAME)
        if name and self.records.by_key("name", name.casefold(), held.id if held else None):
            found.append(NAME_TAKEN)
        if held is None and not sent.get("ReportTaxType"):
            found += [NO_REPORT] if self.books.company.country in REPORTING_COUNTRIES else []
        if held is None or sent.get("TaxComponents") is not None:
            found += _component_problems(sent.get("TaxComponents") or [])
        return found

    def _doc(self, sent: Element, held: Record | None) -> Element:
        doc: Element = dict(held.doc) if held else {"TaxType": self._next_type()}
        doc |= {name: sent[name].strip() for name in ("Name", "ReportTaxType") if sent.get(name)}
        if sent.get("TaxComponents"):
            doc["TaxComponents"] = [
                {"IsCompound": False, "IsNonRecoverable": False} | present(part)
                for part in sent["TaxComponents"]
            ]
        return doc | applies_to(doc.get("ReportTaxType", "")) | rates(doc["TaxComponents"])

    def _next_type(self) -> str:
        numbers = [int(rate.id[3:]) for rate in self.records.select() if rate.id.startswith("TAX")]
        return f"TAX{max(numbers, default=0) + 1:03}"


def _component_problems(components: list[Element]) -> list[str]:
    if not components or any(not part.get("Name") or part.get("Rate") is None for part in components):
        return [NO_COMPONENTS]
    found = [text for part in components for text in text_problems(part, COMPONENT.fields)]
    if sum(part.get("IsCompound") is True for part in components) > 1:
        found.append(TWO_COMPOUND)
    if any(not 0 <= part["Rate"] <= 100 for part in components):
        found.append(BAD_RATE)
    return found


_SCOPES = ("accounting.settings",)
TAX_RATES = Resource(
    scopes=_SCOPES,
    methods={
        "GET": get_list(TAX_RATE_KIND),
        "PUT": write_first(TaxRateWriter, create_only=True),
        "POST": write_first(TaxRateWriter, create_only=False),
    },
)
TAX_RATE_ONE = Resource(scopes=_SCOPES, methods={"GET": get_one(TAX_RATE_KIND)})
