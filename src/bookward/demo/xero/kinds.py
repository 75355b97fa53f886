"""What the kinds of records differ in, as far as storing, finding, listing and showing them goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bookward.demo.xero.bodies import Group
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.filters import NOT_INDEXED, FieldType, Indexed
from bookward.demo.xero.options import Options

Keys = Mapping[str, Iterable[str]]
"""By which values a record is found without scanning, under the names of the keys."""

ID = "id"  #: the key under which every record is found by its id
STATUS = "status"  #: the key under which every record is found by its status


@dataclass(frozen=True, slots=True)
class Record:
    """One stored record; ``doc`` holds its fields."""

    id: str
    status: str
    updated: int  #: milliseconds since 1970
    doc: Element


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How records are shown: ``full`` alone, on pages and when written, ``list`` where there is no page."""

    detail: Literal["full", "list", "summary"] = "full"
    decimals: int = 2  #: of unit prices, ``unitdp``
    listed: bool = False  #: as one of a list, also of a page


def _nothing(_books: Books, _record: Record) -> dict[str, Any]:
    return {}


def _no_keys(_doc: Element, _options: Options) -> Keys:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """One kind of records."""

    plural: str  #: the name around them on the wire
    singular: str
    id: str  #: the field of the id
    group: Group  #: what may be written
    show: Callable[[Books, Record, View], Element]
    keys: Callable[[Element, Options], Keys] = _no_keys
    natural: Sequence[str] = ()  #: keys by which a GET of one finds it, apart from the id
    status: str = "Status"  #: the field of the status

    #: What ``where`` and ``order`` may name: paths into ``doc``, the id, the status, ``UpdatedDateUTC``.
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    #: Values of fields that are not in ``doc``.
    derived: Callable[[Books, Record], dict[str, Any]] = _nothing
    indexed: Indexed = NOT_INDEXED
    searched: Sequence[str] = ()  #: fields that ``searchTerm`` looks into
    #: Parameters, in lower case, that take values with commas between, and the keys these are values of.
    choices: Mapping[str, str] = field(default_factory=dict)
    made_by: str | None = None  #: the key whose value is the app that made a record, for ``createdByMyApp``
    archived: frozenset[str] = frozenset()  #: statuses listed only with ``includeArchived``
    paged: bool = False
    modified_since: bool = False
    summaries: bool = False
    by_update: bool = False  #: lists begin with what was not changed for longest, else with the oldest
    guid: bool = True  #: False: the id is no GUID but a name of its own, in capitals
    own_errors: bool = True  #: with ``summarizeErrors=false`` each element tells its own errors
    error_flag: str | None = "HasValidationErrors"  #: the field that is true in a refused element
