"""What works and should be put right all the same: secrets in files, scopes that nobody asks for."""

from __future__ import annotations

from contextlib import closing

import pytest

from bookward.app import CheckReport
from tests.integration.world import DESTINATION, SOURCE, SYNC, World


def check(world: World) -> CheckReport:
    with closing(world.app()) as app:
        return app.check()


def warnings(world: World) -> list[tuple[str, int, str]]:
    """Return place, line and message of each warning; there is no problem."""
    report = check(world)
    assert report.problems == ()
    assert report.ok
    return [(warning.path, warning.line, warning.message) for warning in report.warnings]


def test_a_project_whose_secrets_are_named_has_no_warning(world: World) -> None:
    assert warnings(world) == []


def test_a_secret_in_a_file_is_told_with_its_line_and_a_name_for_it(world: World) -> None:
    world.write("destinations/xero.yaml", DESTINATION.replace("${XERO_CLIENT_SECRET}", "s3cret-value"))
    assert warnings(world) == [
        ("destinations/xero.yaml", 4, "A secret stands in the file itself, under 'client_secret'.")
    ]
    (warning,) = check(world).warnings
    assert warning.remedy == (
        "Write ${XERO_CLIENT_SECRET} in its place, and a line XERO_CLIENT_SECRET=... into .env, "
        "or export XERO_CLIENT_SECRET."
    )
    assert "s3cret" not in str(warning)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://ann:s3cret@localhost:5432/books", True),
        ("postgresql://ann:s3cret@${HOST}/books", True),
        ("postgresql://ann:${PASSWORD}@localhost/books", False),
        ("postgresql://ann@localhost/books", False),
        ("postgresql://localhost:5432/books", False),
    ],
)
def test_of_an_address_only_a_password_is_a_secret(world: World, url: str, told: bool) -> None:
    world.environ |= {"HOST": "localhost", "PASSWORD": "s3cret"}
    world.write("sources/warehouse.yaml", SOURCE.replace("${WAREHOUSE_URL}", url))
    said = ("sources/warehouse.yaml", 3, "A secret stands in the file itself, under 'url'.")
    assert warnings(world) == ([said] if told else [])
    assert all("WAREHOUSE_PASSWORD" in warning.remedy for warning in check(world).warnings)


def test_a_password_in_an_address_is_one_whatever_the_setting_is(world: World) -> None:
    said = ("sources/search.yaml", 2, "A secret stands in the file itself, under 'url'.")
    for url, told in (("https://u:s3cret@h", [said]), ("https://u:${PASSWORD}@h", []), ("https://h", [])):
        world.environ["PASSWORD"] = "s3cret"
        world.write("sources/search.yaml", f"type: elasticsearch\nurl: {url}\n")
        assert warnings(world) == told


def test_a_password_by_itself_is_a_secret(world: World) -> None:
    world.write(
        "sources/warehouse.yaml", "type: postgres\nhost: localhost\ndatabase: books\npassword: s3cret\n"
    )
    assert [(path, line) for path, line, _ in warnings(world)] == [("sources/warehouse.yaml", 4)]


def test_where_tokens_are_given_out_is_no_secret(world: World) -> None:
    oauth = "oauth_client_id: b\noauth_client_secret: ${OURS}\noauth_token_url: https://login.example.com/t\n"
    world.environ["OURS"] = "s3cret"
    world.write("sources/warehouse.yaml", f"type: trino\nhost: h\ncatalog: c\nuser: u\n{oauth}")
    assert warnings(world) == []


def test_a_secret_of_a_tunnel_is_one(world: World) -> None:
    ssh = "ssh:\n  host: bastion\n  user: u\n  password: s3cret\n"
    world.write("sources/warehouse.yaml", f"type: postgres\nhost: localhost\ndatabase: books\n{ssh}")
    assert warnings(world) == [
        ("sources/warehouse.yaml", 7, "A secret stands in the file itself, under 'password'.")
    ]


def test_scopes_that_a_sync_needs_and_nobody_asks_for_are_told(world: World) -> None:
    world.write("destinations/xero.yaml", DESTINATION + "scopes: [offline_access, accounting.settings]\n")
    assert warnings(world) == [
        (
            "destinations/xero.yaml",
            7,
            "`scopes` lacks accounting.contacts, which sync 'customers' cannot do without.",
        )
    ]


@pytest.mark.parametrize(
    ("scopes", "lacking"),
    [
        ("offline_access, accounting.settings.read, accounting.contacts", []),
        ("accounting.contacts", ["accounting.settings"]),
        ("accounting.settings, accounting.contacts.read", ["accounting.contacts"]),
        ("accounting.transactions", ["accounting.contacts", "accounting.settings"]),
    ],
)
def test_reading_asks_for_less_than_writing(world: World, scopes: str, lacking: list[str]) -> None:
    world.write("destinations/xero.yaml", DESTINATION + f"scopes: [{scopes}]\n")
    assert [message.split()[2].strip(",") for _, _, message in warnings(world)] == lacking


@pytest.mark.parametrize(
    ("scopes", "lacking"),
    [
        ("accounting.settings, accounting.transactions, accounting.contacts.read", []),
        ("accounting.settings, accounting.invoices, accounting.contacts.read", []),
        ("accounting.settings, accounting.invoices", ["accounting.contacts"]),
        ("accounting.settings, accounting.payments, accounting.contacts", ["accounting.invoices"]),
    ],
)
def test_documents_need_what_they_look_up(world: World, scopes: str, lacking: list[str]) -> None:
    world.write("destinations/xero.yaml", DESTINATION + f"scopes: [{scopes}]\n")
    world.write(
        "syncs/customers.yaml",
        "model: customers\ndestination: xero\nobject: invoices\nmatch: {InvoiceNumber: id}\n"
        "fields: {Type: {value: ACCREC}, LineItems: [{Description: name}]}\n"
        "look_up: {Contact: {by: EmailAddress, column: email}}\n",
    )
    assert [message.split()[2].strip(",") for _, _, message in warnings(world)] == lacking


def test_several_syncs_are_named_in_one_warning(world: World) -> None:
    world.write("syncs/others.yaml", SYNC)
    world.write("destinations/xero.yaml", DESTINATION + "scopes: [accounting.settings]\n")
    ((_, _, message),) = warnings(world)
    assert (
        message == "`scopes` lacks accounting.contacts, which syncs 'customers', 'others' cannot do without."
    )
