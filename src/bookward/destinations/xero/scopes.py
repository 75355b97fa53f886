"""Which scopes the syncs into an organisation need. Source: Xero, Scopes; the broad ones end in 2027."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from bookward.destinations.xero.contact_groups import GROUPS
from bookward.records import SpecProblem
from bookward.spec.sync import SyncSpec

Need: TypeAlias = tuple[str, ...]
"""Scopes of which one is enough, the narrowest first."""

_BROAD = "accounting.transactions"
_SETTINGS: Need = ("accounting.settings",)
_CONTACTS: Need = ("accounting.contacts",)
_INVOICES: Need = ("accounting.invoices", _BROAD)
_WRITES: Mapping[str, Need] = {
    "accounts": _SETTINGS,
    "contacts": _CONTACTS,
    "items": (*_SETTINGS, *_INVOICES),
    "invoices": _INVOICES,
    "credit-notes": _INVOICES,
    "payments": ("accounting.payments", _BROAD),
}
_LOOK_UPS: Mapping[str, Need] = {
    "Contact": _CONTACTS,
    GROUPS: _CONTACTS,
    "Invoice": _INVOICES,
    "CreditNote": _INVOICES,
}


def scope_warnings(scopes: Collection[str], syncs: Mapping[str, SyncSpec]) -> Iterator[SpecProblem]:
    """Yield a warning for each scope that the syncs need and that nobody asks for."""
    lacking: dict[str, list[str]] = defaultdict(list)
    for slug, sync in sorted(syncs.items()):
        for need in _needs(sync):
            if not set(need) & set(scopes) and slug not in lacking[need[0]]:
                lacking[need[0]].append(slug)
    for scope, slugs in sorted(lacking.items()):
        who = f"sync{'s' if len(slugs) > 1 else ''} {', '.join(map(repr, slugs))}"
        yield SpecProblem(
            where=("scopes",),
            message=f"`scopes` lacks {scope}, which {who} cannot do without.",
            remedy="Add it and sign in again with `bookward connect`. Without `scopes`, all are asked for.",
        )


def _needs(sync: SyncSpec) -> Iterator[Need]:
    yield _reading(_SETTINGS)  # of every organisation the currency, the time zone and the lock dates are read
    if sync.object in _WRITES:
        yield _WRITES[sync.object]
    for field, look_up in sync.look_up.items():
        if field in _LOOK_UPS:
            need = _LOOK_UPS[field]
            yield need if look_up.missing == "create" else _reading(need)


def _reading(need: Need) -> Need:
    return (*need, *(f"{scope}.read" for scope in need))
