"""Which jobs elsewhere the syncs wait for, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bookward.project.project import Project
from bookward.spec.project import DbtCloudSpec
from bookward.spec.schedule import AfterDbtCloud, JobEnd
from bookward.store.jobs import AwaitedJob, Ended


@dataclass(frozen=True, slots=True)
class Awaited:
    """A job of dbt Cloud that syncs wait for."""

    number: int
    ends: frozenset[JobEnd]  #: the ways of ending that any of them wants


def key(account: DbtCloudSpec, job: int) -> str:
    """Return what tells a job from all others."""
    return f"{account.url}/{account.account}/{job}"


def awaited(project: Project) -> Mapping[str, Awaited]:
    """Return every job that a sync waits for, by its key."""
    account = project.spec.dbt_cloud if project.spec else None
    wishes = [spec.schedule.after_dbt_cloud for spec in project.syncs.values() if spec.schedule]
    found: dict[str, Awaited] = {}
    for wish in wishes:
        if account is not None and wish is not None:
            job = key(account, wish.job)
            before = found[job].ends if job in found else frozenset()
            found[job] = Awaited(wish.job, before | frozenset(wish.ended))
    return found


def newest(job: AwaitedJob, wish: AfterDbtCloud) -> Ended | None:
    """Return the run of a job that ended last in one of the ways that a sync wants."""
    ended = [job.ended[end] for end in wish.ended if end in job.ended]
    return max(ended, key=lambda run: run.at, default=None)
