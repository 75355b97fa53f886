"""Asks dbt Cloud, now and then, how the jobs ended that syncs wait for: one process for all, in turn."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

from bookward.awaiting import Awaited, awaited
from bookward.dbtcloud import DbtCloud
from bookward.errors import BookwardError, RetryLater
from bookward.spec.project import DbtCloudSpec
from bookward.store.jobs import LONGEST, Ended
from bookward.wiring import Wiring

PACE = timedelta(minutes=1)
"""So often one job is asked about, however many syncs wait for it and however many machines are at work."""
SLOWEST = timedelta(minutes=15)
"""So often at least while there is no answer."""


class JobWatch:
    """Looks after the jobs of one project. Any number of processes may do so at once."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def look(self) -> int:
        """Ask about every job whose turn it is; return about how many this process did.

        What keeps from an answer is written down for people to see, and is gone with the next answer.
        """
        project = self._wiring.project
        jobs = awaited(project)
        account = project.spec.dbt_cloud if project.spec else None
        if not jobs or account is None:
            return 0
        now, asked = self._wiring.clock.now(), 0
        known = self._wiring.store.jobs.known(jobs)
        for key, job in jobs.items():
            due = key not in known or known[key].due(now)
            if due and self._wiring.store.jobs.take_turn(key, now, now + PACE):
                failures = known[key].failures if key in known else 0
                self._ask(account, key, job, failures)
                asked += 1
        return asked

    def _ask(self, account: DbtCloudSpec, key: str, job: Awaited, failures: int) -> None:
        store = self._wiring.store.jobs
        try:
            with closing(DbtCloud(account)) as cloud:
                found = {end: cloud.latest(job.number, end) for end in sorted(job.ends)}
        except BookwardError as error:
            wait = min(PACE * 2 ** min(failures, 10), SLOWEST)
            if isinstance(error, RetryLater) and error.wait is not None:
                wait = min(max(wait, error.wait), LONGEST)
            next_at = self._wiring.clock.now() + wait
            store.failed(key, f"{error.message} {error.remedy}".strip(), next_at)
            return
        store.answered(key, {end: Ended(run=run.id, at=run.finished_at) for end, run in found.items() if run})
