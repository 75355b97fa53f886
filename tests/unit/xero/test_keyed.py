"""Few records are asked for by their keys, many are read page by page, and both know the same."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from unittest.mock import patch
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookward.destinations.xero import pages
from bookward.destinations.xero import queries as queries_of
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.invoices import CREDIT_NOTES, INVOICES
from bookward.destinations.xero.payments import PAYMENTS
from bookward.destinations.xero.queries import LONGEST, Wanted, queries
from bookward.records import NARROWED
from tests.unit.xero.fakes import Bench, html_404, json_answer

PAGED = {"page": "1", "pageSize": "1000", "includeArchived": "true"}
NAMES = ["Ann", 'Bob "B" \\ Co', "Zoë & Co, Ltd", "zoe & co, ltd", "WEISS", "Weiß", "a OR Name==null", "a=b"]
EMAILS = ["a@example.com", "A@Example.com", "b@example.com"]
FIELDS = {"Name": NAMES, "EmailAddress": EMAILS, "ContactNumber": ["1", "01", "x-1", "X-1"]}
RECORDS = st.fixed_dictionaries({}, optional={field: st.sampled_from(v) for field, v in FIELDS.items()})
KEYS = st.sampled_from([(field, value) for field, values in FIELDS.items() for value in values])


def index_of(bench) -> XeroIndex:
    return XeroIndex(bench.client, bench.index, bench.clock, CONTACTS)


def answers(index, ids, keys):
    """Return what an index says of some records and keys, by their ids."""
    by_key = {key: sorted(r.remote_id for r in index.by_key(*key).get(key[1], ())) for key in keys}
    return by_key, sorted(index.by_id(ids))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    bodies=st.lists(RECORDS, max_size=12),
    parts=st.lists(st.lists(KEYS, max_size=6), min_size=1, max_size=3),
    places=st.sets(st.integers(0, 14)),
    size=st.sampled_from([1, 2, 5, 1000]),
    longest=st.sampled_from([150, 200, LONGEST]),
)
def test_asked_for_in_any_parts_or_read_whole_the_answers_are_the_same(bodies, parts, places, size, longest):
    bench = Bench()
    with patch.object(pages, "PAGE_SIZE", size), patch.object(queries_of, "LONGEST", longest):
        same_answers(bench, bodies, parts, places)


def same_answers(bench, bodies, parts, places):
    ids = [bench.client.add(**body) for body in bodies]
    some = {ids[n] if n < len(ids) else f"c0000000-0000-4000-8000-9{n:011d}" for n in places}
    folded = [[(field, CONTACTS.fold(field, value)) for field, value in part] for part in parts]
    whole = index_of(Bench())
    whole._client = whole._pages._client = bench.client  # a store of its own, the same books
    whole.refresh(Wanted(keys=frozenset({("Name", "not\x00askable")})))
    asked = index_of(bench)
    for part in folded:
        wanted = Wanted(ids=frozenset(some), keys=frozenset(part))
        asked.refresh(wanted)
        assert answers(asked, some, part) == answers(whole, some, part)


@pytest.mark.parametrize("records", [10, 1000, 1001, 3000, 7000])
@pytest.mark.parametrize("wanted", [1, 40, 90, 200, 400, 2000])
def test_as_few_calls_as_the_rule_says(records, wanted):
    bench = Bench()
    for number in range(records):
        bench.client.add(Name=f"N{number}")
    names = frozenset(("Name", f"n{number}") for number in range(wanted))
    index = index_of(bench)
    index.refresh(Wanted(keys=names))
    keyed = len(queries(CONTACTS, Wanted(keys=names), PAGED))
    count = math.ceil(records / 1000)
    assert len(bench.client.reads) == (1 if keyed == 1 else 1 + min(count - 1, keyed))
    assert len(bench.client.reads) <= count or keyed == 1
    index.refresh(Wanted(keys=names))
    known = {folded: len(found) for folded, found in index.by_key("Name", dict(names).values()).items()}
    assert sum(len(index.by_key("Name", [name])) for _, name in names) == min(wanted, records)
    assert set(known.values()) <= {1}


def test_no_query_is_longer_than_xero_takes():
    names = frozenset(("Name", f'{n} "Łódź" \\ & Söhne, {"x" * (n % 200)}') for n in range(300))
    ids = frozenset(f"c0000000-0000-4000-8000-{n:012d}" for n in range(120))
    asking = queries(CONTACTS, Wanted(ids=ids, keys=names), PAGED)

    lengths = [len(urlencode(PAGED | dict(q.params), safe=",", quote_via=quote)) for q in asking]
    assert max(lengths) <= LONGEST
    assert [len(q.parts) for q in asking if q.parameter == "IDs"] == [52, 52, 16]
    assert sum(len(q.parts) for q in asking) == 420


@pytest.mark.parametrize("value", ["", "a\nb", "a\x00b", "a\u00a0b", "\ud800", "x" * 256])
def test_what_cannot_be_asked_for_safely_is_not(value):
    assert queries(CONTACTS, Wanted(keys=frozenset({("Name", value)})), PAGED) is None


def test_every_kind_is_asked_in_its_own_way():
    def asked(kind, field, value):
        found = queries(kind, Wanted(keys=frozenset({(field, value)})), {})
        return [dict(query.params) for query in found] if found is not None else None

    assert asked(INVOICES, "InvoiceNumber", f"7{NARROWED}c1") == [{"InvoiceNumbers": "7"}]
    assert asked(INVOICES, "InvoiceNumber", "7,8") == [{"where": 'InvoiceNumber=="7,8"'}]
    assert asked(CREDIT_NOTES, "CreditNoteNumber", "CN") == [{"where": 'CreditNoteNumber=="CN"'}]
    assert asked(PAYMENTS, "Reference", 'a"\\') == [{"where": 'Reference=="a\\"\\\\"'}]
    assert asked(CONTACTS, "AccountNumber", "7") == [{"where": 'AccountNumber=="7"'}]
    assert asked(CONTACTS, "TaxNumber", "7") is None
    assert queries(PAYMENTS, Wanted(ids=frozenset({"x"})), {}) is None


def test_a_query_that_is_too_long_after_all_is_halved_and_never_taken_for_nothing_found():
    bench = Bench()
    bench.client.add(Name="Ann")
    bench.client.add(Name="Bob")
    bench.client.read_faults = [html_404]
    index = index_of(bench)
    index.refresh(Wanted(keys=frozenset({("Name", "ann"), ("Name", "bob")})))
    assert sorted(index.by_key("Name", ["ann", "bob"])) == ["ann", "bob"]
    assert [read.params.get("where") for read in bench.client.reads] == [
        'Name=="ann" OR Name=="bob"',
        'Name=="ann"',
        'Name=="bob"',
    ]


@pytest.mark.parametrize("fault", [html_404, lambda client, work: json_answer(400, {"ErrorNumber": 51})])
def test_what_xero_refuses_to_be_asked_is_found_by_reading_all(fault):
    bench = Bench()
    bench.client.add(Name="Ann")
    bench.client.read_faults = [fault]
    index = index_of(bench)
    index.refresh(Wanted(keys=frozenset({("Name", "ann")})))
    assert list(index.by_key("Name", ["ann"])) == ["ann"]
    assert "where" not in bench.client.reads[1].params
    assert bench.index.watermark is not None


def test_what_an_earlier_plan_asked_for_is_asked_again():
    bench = Bench()
    ann = bench.client.add(Name="Ann", EmailAddress="a@example.com")
    index = index_of(bench)
    by_mail = Wanted(keys=frozenset({("EmailAddress", "a@example.com")}))
    index.refresh(by_mail)
    assert [r.remote_id for r in index.by_key("EmailAddress", ["a@example.com"])["a@example.com"]] == [ann]
    bench.client.touch(ann, EmailAddress="other@example.com")
    other = bench.client.add(Name="Bob", EmailAddress="a@example.com")
    index.refresh(by_mail)
    assert len(bench.client.reads) == 1
    index.expire()
    index.refresh(by_mail)
    assert [r.remote_id for r in index.by_key("EmailAddress", ["a@example.com"])["a@example.com"]] == [other]
    index.look_again(by_mail)
    assert len(bench.client.reads) == 3
    assert bench.index.watermark is None


def test_what_one_thread_reads_back_another_does_not_make_it_miss():
    bench = Bench()
    ids = [bench.client.add(Name=f"N{number}") for number in range(2)]
    index = index_of(bench)
    index.learn(bench.client.shown(id_) for id_ in ids)
    bench.clock.sleep(3600)
    bench.index.watermark = f"{bench.clock.now():%Y-%m-%dT%H:%M:%S}"  # all was read, nothing changed since
    begun, looked, found = Event(), Event(), bench.index.by_id

    def read_back(number):
        keys = frozenset({("Name", f"n{number}")})
        return index.look_again(Wanted(ids=frozenset({ids[number]}), keys=keys))

    def second_begins(client, work):
        begun.set()
        assert looked.wait(5)
        return work()

    with ThreadPoolExecutor(1) as pool:

        def interrupted(*asked):
            bench.index.by_id, bench.client.read_faults = found, [second_begins]
            pool.submit(read_back, 1)
            begun.wait(0.3)  # as long as the first one looks, it does not begin
            return found(*asked)

        bench.index.by_id = interrupted
        seen = read_back(0)
        looked.set()
    assert begun.is_set()
    assert [*seen.by_id] == [ids[0]]
    assert [record.remote_id for record in seen.by_key["Name", "n0"]] == [ids[0]]
