from __future__ import annotations

from bookward.destinations.xero.alternatives import instead_of

MANY = {str(code): f"Account {code}" for code in range(100, 1000)}
CHART = {code: MANY[code] for code in ("200", "260", "270", "310", "400", "404", "408", "412", "416")}


def test_of_few_all_are_named():
    assert instead_of("x", {"NZD": "", "EUR": "EUR"}, "Currencies") == "In Xero there are: NZD, EUR."


def test_of_more_the_nearest_are_named_and_where_all_stand():
    said = "Nearest to '20O' in Xero: 200 (Account 200), 260 (Account 260), 270 (Account 270)"
    assert instead_of("20O", CHART, "Chart") == f"{said}; all are under Chart."


def test_what_people_call_it_leads_to_its_name_once():
    said = "Nearest to 'account 270' in Xero: 270 (Account 270), "
    assert instead_of("account 270", CHART, "Chart").startswith(said)
    assert instead_of("account 270", CHART, "Chart").count("270 (") == 1


def test_where_none_comes_near_or_too_many_are_compared_all_are_pointed_to():
    assert instead_of("NOPE", CHART, "Chart") == "In Xero, all are under Chart."
    assert instead_of("200", MANY, "Chart") == "In Xero, all are under Chart."
