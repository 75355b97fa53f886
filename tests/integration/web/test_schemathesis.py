"""Schemathesis sends what the API's description allows, and what not: nothing unforeseen comes back."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from bookward.serving import Role
from tests.integration.web.site import Site

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXAMPLES = 200 if NIGHTLY else 8
PATIENCE = 120  # seconds for an answer: how long it may take is measured elsewhere

BY_STATE = ["400", "410", "428"]  # a link that is dead, a browser nobody sent, a version of a file
RULES = "positive_data_acceptance"


def held_by_rules(response: schemathesis.Response) -> list[Any]:
    """Return the check of what is accepted, where a rule that no schema can say has spoken.

    What files say, how strong a password is: such a rule has a code of its own, and never `request_invalid`,
    which is for what the description rules out.
    """
    code = response.json()["error"]["code"] if response.status_code == 422 else "request_invalid"
    ruled = code != "request_invalid"
    return [check for check in CHECKS.get_all() if ruled and check.__name__ == RULES]


@pytest.mark.timeout(3600 if NIGHTLY else 600)
def test_the_whole_api_keeps_to_its_description(site: Site) -> None:
    _, caller = site.app.access.sign_in("admin@example.com", "correct horse battery", "", "")
    token, _ = site.app.access.tokens.make(caller, "schemathesis", Role.ADMIN, timedelta(days=1))
    schema = schemathesis.openapi.from_url(f"{site.url}/api/openapi.json")
    schema.config.generation.update(with_security_parameters=False)  # it is given the token
    assert schema.raw_schema["openapi"].startswith("3.1")
    schema.config.generation.update(allow_x00=False)  # no address can hold it
    expected = schema.config.checks.positive_data_acceptance.expected_statuses
    schema.config.checks.positive_data_acceptance.expected_statuses = [*expected, *BY_STATE]
    tested, failures = [], list[BaseException]()
    for found in schema.get_all_operations():
        operation = found.ok()
        tested.append(operation.label)
        for mode in GenerationMode:

            @settings(
                max_examples=EXAMPLES,
                derandomize=not NIGHTLY,
                database=None,
                deadline=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def keeps(case: schemathesis.Case) -> None:
                headers = {"Authorization": f"Bearer {token}"}
                response = case.call(headers=headers, timeout=PATIENCE)
                case.validate_response(response, excluded_checks=held_by_rules(response))

            try:
                keeps()
            except FailureGroup as found_wrong:  # so that one night tells of all of them
                failures.append(found_wrong)
            except Unsatisfiable:  # any text is a name: there is no wrong one
                assert mode is GenerationMode.NEGATIVE
                assert not operation.body
    if failures:
        raise BaseExceptionGroup(f"{len(failures)} kinds of requests are answered otherwise", failures)
    paths = schema.raw_schema["paths"]
    all_of_them = {f"{method.upper()} {path}" for path in paths for method in paths[path]}
    # The description itself, which it has read to begin with, it leaves out.
    assert all_of_them - set(tested) == {"GET /api/openapi.json"}
