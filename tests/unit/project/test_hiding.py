"""What should not stand in a file is not shown either."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel, SecretStr

from bookward.project.expected import SECRET_NAME, _fields, _models_in, _parts
from bookward.project.hiding import hidden_diff, hidden_text, hidden_values
from bookward.sources.base import source_specs
from bookward.spec.alert import ALERT_SPECS
from bookward.spec.project import ProjectSpec
from bookward.wiring import destination_specs

SHOWN = "type: xero\nclient_id: abc\nclient_secret: ${XERO_SECRET}\nurl: postgresql://u:${PW}@h/db\n"


def test_a_file_without_secrets_is_shown_as_it_is() -> None:
    assert hidden_text(SHOWN) == SHOWN
    values = {"client_secret": "${XERO_SECRET}", "url": "postgresql://u:${PW}@h/db", "port": 5432, "x": None}
    assert hidden_values(values) == values


@pytest.mark.parametrize("text", [
    "client_secret: hunter2 # ours\n",
    "client_secret:   'hunter2'\r\nurl: x\r\n",
    '"password": "hunter2"\n',
    "+client_secret: hunter2\n-client_secret: hunter2\n client_secret: hunter2\n",
    "url: postgresql://user:hunter2@host/db\n",
    "private_key: |\n  -----BEGIN\n\n  hunter2\nhost: h\n",
    "+private_key: >-\n+  hunter2\n+host: h\n",
    "auth: {user: u, password: hunter2}\n",
    "- api_key: hunter2\n",
    "token: hunter2",
    'private_key: "-----BEGIN KEY-----\n  hunter2\n  -----END KEY-----"\nhost: h\n',
    "private_key: 'BEGIN\nhunter2\nEND'\nhost: h\n",
    "password: abc\n  hunter2\nhost: h\n",
    "password:\n  hunter2\nhost: h\n",
    "password: # ours\r\n  hunter2\r\nhost: h\r\n",
    "tokens:\n- a\n- hunter2\nhost: h\n",
    'auth: {user: u, password: "a,hunter2", host: h}\n',
    "auth: {user: u, password: 'a}hunter2'}\n",
    "? password\n: hunter2\nhost: h\n",
    "password: a\npassword: 'hunter2\n  hunter2'\nhost: h\n",
    "url: postgresql://u:p@hunter2@h/d?x=a@b\n",
    "url: postgresql://u:p/hunter2@h/d\n",
    "# url: postgresql://u:hunter2@h/d\n",
])  # fmt: skip
def test_a_secret_that_is_written_out_is_hidden(text: str) -> None:
    shown = hidden_text(text)
    assert "hunter2" not in shown
    assert "[hidden]" in shown
    assert len(shown.splitlines()) == len(text.splitlines())
    assert ("host: h" in shown) == ("host: h" in text)


@pytest.mark.parametrize("text", [
    "private_key: |\n  BEGIN\n  hunter2\n\n  hunter2\nhost: h\n",
    'private_key: "BEGIN\nhunter2\nEND"\nhost: h\n',
    "password:\n  hunter2\nhost: h\n",
    "password: a\n  hunter2\nhost: h\n",
    'a: {b: c, password: "a,hunter2", d: e}\nhost: h\n',
    "- tokens:\n  - hunter2\n- host: h\n",
    "url: postgresql://u:p@hunter2@h/d\nhost: h\n",
])  # fmt: skip
def test_a_secret_is_hidden_in_a_file_that_cannot_be_read(text: str) -> None:
    shown = hidden_text(text + "odd: [\n")
    assert "hunter2" not in shown
    assert "host: h\nodd: [\n" in shown
    assert len(shown.splitlines()) == len(text.splitlines()) + 1


def test_a_difference_that_begins_in_the_middle_of_a_secret_does_not_show_it() -> None:
    before = "private_key: |\n  BEGIN\n  hunter2\n  END\n? password\n: hunter2\nhost: h\n"
    after = before.replace("host: h", "host: g")
    diff = "@@ -3,5 +3,5 @@\n   hunter2\n   END\n ? password\n : hunter2\n-host: h\n+host: g\n"
    assert hidden_diff(diff, [before, after]) == (
        "@@ -3,5 +3,5 @@\n   [hidden]\n   [hidden]\n ? password\n : [hidden]\n-host: h\n+host: g\n"
    )
    assert hidden_diff("++  hunter2\n", [before]) == "++  [hidden]\n"


def test_values_are_hidden_by_the_name_of_any_key_above_them() -> None:
    said = {"auth": {"credentials": ["hunter2", {"pin": 1234}]}, "url": "pg://u:hunter2@h", "name": "n"}
    assert hidden_values(said) == {
        "auth": {"credentials": ["[hidden]", {"pin": "[hidden]"}]},
        "url": "pg://u:[hidden]@h",
        "name": "n",
    }


def classes(found: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """Yield a specification and all that it is made of."""
    if found not in seen:
        seen.add(found)
        yield found
        for annotation in _fields(found).values():
            for part in _models_in(annotation):
                yield from classes(part, seen)


def test_what_is_declared_as_a_secret_is_called_like_one_and_nothing_else_is() -> None:
    every = (*source_specs().values(), *destination_specs().values(), *ALERT_SPECS.values(), ProjectSpec)
    seen: set[type[BaseModel]] = set()
    declared = {
        (key, SecretStr in _parts(annotation))
        for spec in every
        for part in classes(spec, seen)
        for key, annotation in _fields(part).items()
    }
    assert ("oauth_token_url", False) in declared
    # Of an address only the password is secret, which is found in it.
    assert {pair for pair in declared if bool(SECRET_NAME.search(pair[0])) != pair[1]} == {("url", True)}


def test_where_tokens_are_given_out_is_shown() -> None:
    said = {"oauth_token_url": "https://login.example.com/token", "token": "hunter2"}
    assert hidden_values(said) == said | {"token": "[hidden]"}
    for named in (
        "password: ${PW} # ours\n",
        "password:\n  '${PW}'\n",
        "auth: {password: '${PW}', pin: 1}\n",
    ):
        assert hidden_text(named) == named
        assert hidden_text(f"{named}odd: [\n") == f"{named}odd: [\n"
    text = "oauth_token_url: https://login.example.com/token\n"
    assert hidden_text(text) == text
