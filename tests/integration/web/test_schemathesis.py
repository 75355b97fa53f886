"""Schemathesis sends what the API's description allows, and what not: nothing unforeseen comes back."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from bookward.serving import Role
from tests.integration.web.site import Site

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXAMPLES = 200 if NIGHTLY else 8

NOT_HELD = {
    # Passwords, e-mails and files are held to rules that no schema can say.
    "positive_data_acceptance",
}


@pytest.mark.timeout(3600 if NIGHTLY else 600)
def test_the_whole_api_keeps_to_its_description(site: Site) -> None:
    _, caller = site.app.access.sign_in("admin@example.com", "correct horse battery", "", "")
    token, _ = site.app.access.tokens.make(caller, "schemathesis", Role.ADMIN, timedelta(days=1))
    schema = schemathesis.openapi.from_url(f"{site.url}/api/openapi.json")
    schema.config.generation.update(with_security_parameters=False)  # it is given the token
    assert schema.raw_schema["openapi"].startswith("3.1")
    left_out = [check for check in CHECKS.get_all() if check.__name__ in NOT_HELD]
    assert len(left_out) == len(NOT_HELD)
    tested = []
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
                case.call_and_validate(headers=headers, excluded_checks=left_out)

            try:
                keeps()
            except Unsatisfiable:  # any text is a name: there is no wrong one
                assert mode is GenerationMode.NEGATIVE
                assert not operation.body
    paths = schema.raw_schema["paths"]
    all_of_them = {f"{method.upper()} {path}" for path in paths for method in paths[path]}
    # The description itself, which it has read to begin with, it leaves out.
    assert all_of_them - set(tested) == {"GET /api/openapi.json"}
