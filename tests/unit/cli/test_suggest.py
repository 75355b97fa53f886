from __future__ import annotations

import json

from bookward.errors import NameUnknown
from tests.unit.cli.fake_app import FakeApp
from tests.unit.cli.samples import SUGGESTED


def test_the_file_is_printed_as_it_is_to_be_kept(bookward, app: FakeApp) -> None:
    result = bookward("suggest", "customers", "--object", "contacts")
    assert result.exit_code == 0
    assert result.stdout == SUGGESTED.yaml
    assert app.asked == [("suggest", "customers", "contacts", None)]


def test_every_proposal_as_json(bookward, app: FakeApp) -> None:
    words = ("suggest", "customers", "--object", "contacts", "--destination", "xero", "--json")
    assert json.loads(bookward(*words).stdout) == {
        "model": "customers",
        "destination": "xero",
        "object": "contacts",
        "mode": "upsert",
        "match": {
            "field": "ContactNumber",
            "column": "customer_id",
            "score": 0.9,
            "reason": "often said",
        },
        "fields": [
            {"field": "Name", "column": "name", "score": 1.0, "reason": "the same words"},
            {"field": "Phones.PhoneNumber", "column": "phone", "score": 0.81, "reason": "often said"},
        ],
        "lines": [],
        "of_lines": [],
        "missing": [{"field": "Phones.PhoneType", "choices": ["DEFAULT", "MOBILE"]}],
        "unused": ["balance"],
        "yaml": SUGGESTED.yaml,
    }
    assert app.asked == [("suggest", "customers", "contacts", "xero")]


def test_what_cannot_be_suggested_is_said(bookward, app: FakeApp) -> None:
    app.suggested = NameUnknown("There is no object 'contcts'.", remedy="Did you mean 'contacts'?")
    result = bookward("suggest", "customers", "--object", "contcts")
    assert result.exit_code == 2
    assert "Did you mean 'contacts'?" in result.stderr
    assert bookward("suggest", "customers").exit_code == 2
