"""What should not stand in a file is not shown either."""

from __future__ import annotations

import pytest

from bookward.project.hiding import hidden_text, hidden_values

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
])  # fmt: skip
def test_a_secret_that_is_written_out_is_hidden(text: str) -> None:
    shown = hidden_text(text)
    assert "hunter2" not in shown
    assert "[hidden]" in shown
    assert len(shown.splitlines()) == len(text.splitlines())
    assert ("host: h" in shown) == ("host: h" in text)


def test_values_are_hidden_by_the_name_of_any_key_above_them() -> None:
    said = {"auth": {"credentials": ["hunter2", {"pin": 1234}]}, "url": "pg://u:hunter2@h", "name": "n"}
    assert hidden_values(said) == {
        "auth": {"credentials": ["[hidden]", {"pin": "[hidden]"}]},
        "url": "pg://u:[hidden]@h",
        "name": "n",
    }
