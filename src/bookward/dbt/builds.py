"""Whether what dbt built can be relied upon: a table that is old or broken must not reach the books."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookward.dbt.artefacts import Artefacts, DbtModel
from bookward.errors import BuildUnfit
from bookward.spec.model import DbtSpec


def refuse_unfit(spec: DbtSpec, found: Artefacts, now: datetime) -> None:
    """Refuse a model whose build failed, whose tests failed, or that is older than it may be.

    Raises:
        BuildUnfit: with what dbt said.
    """
    model = found.find(spec.model)
    if found.built is not None:
        _refuse_failed(spec, model, found)
    if found.bad_end and not (found.built and found.built.explains(model)):
        raise BuildUnfit(f"{found.bad_end}, and does not say how {model.name!r} fared.")
    if spec.max_age_hours is None:
        return
    at = found.built.at if found.built else found.at
    if now - at > timedelta(hours=spec.max_age_hours):
        raise BuildUnfit(
            f"dbt last ran at {at:%Y-%m-%d %H:%M} UTC, which is more than {spec.max_age_hours:g} hours ago.",
            remedy="Run dbt, or raise max_age_hours in the model's file.",
        )


def _refuse_failed(spec: DbtSpec, model: DbtModel, found: Artefacts) -> None:
    assert found.built is not None
    if said := found.built.trouble(model.unique_id):
        raise BuildUnfit(f"dbt has not built {model.name!r}: {said}.")
    if spec.tests == "ignore":
        return
    failed = [(test, said) for test in model.tests if (said := found.built.trouble(test))]
    if failed:
        test, said = failed[0]
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise BuildUnfit(f"dbt's test {test.split('.')[2]!r} of {model.name!r} failed{more}: {said}.")
