"""How runs of a job of dbt Cloud ended, by its Administrative API, version 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import AwareDatetime, BaseModel, SecretStr, ValidationError

from bookward.errors import JobsRefused, JobsUnreachable
from bookward.spec.project import DbtCloudSpec
from bookward.spec.schedule import JobEnd

_TIMEOUT = 10.0  # seconds
_STATUS: Mapping[JobEnd, int] = {"success": 10, "error": 20, "cancelled": 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """A run of a job that has ended."""

    id: str
    finished_at: datetime
    end: JobEnd


class DbtCloud:
    """One account."""

    def __init__(self, spec: DbtCloudSpec) -> None:
        """Connect to nothing yet."""
        self._path = f"/api/v2/accounts/{spec.account}/runs/"
        self._account = spec.account
        # No redirect is followed: the token is for this address alone.
        self._client = httpx.Client(
            base_url=spec.url, auth=_Token(spec.token), timeout=_TIMEOUT, follow_redirects=False
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def latest(self, job: int, end: JobEnd) -> JobRun | None:
        """Return the run of a job that ended so last, None if none has.

        Raises:
            JobsUnreachable: there is no answer, or none that can be used.
            JobsRefused: the token or the account is not right.
        """
        # Runs under way have no end, and would stand before all others without the status.
        wanted: dict[str, str | int] = {"job_definition_id": job, "status": _STATUS[end]}
        wanted |= {"order_by": "-finished_at", "limit": 1}
        try:
            answer = self._client.get(self._path, params=wanted)
        except httpx.HTTPError as error:
            raise JobsUnreachable(f"dbt Cloud does not answer: {type(error).__name__}.") from error
        self._look_at(answer)
        try:
            runs = _Answer.model_validate_json(answer.content).data
        except ValidationError as error:
            raise JobsUnreachable("dbt Cloud answers with something else than a list of runs.") from error
        times = ((run.id, run.finished_at) for run in runs)
        ended = (JobRun(id=str(run), finished_at=at.astimezone(UTC), end=end) for run, at in times if at)
        return next(ended, None)

    def newest(self, job: int) -> JobRun | None:
        """Return the run of a job that ended last, however it did; None if none has.

        Raises:
            JobsUnreachable, JobsRefused: as ``latest``.
        """
        found = [run for end in _STATUS if (run := self.latest(job, end))]
        return max(found, key=lambda run: run.finished_at, default=None)

    def artefact(self, run: JobRun, name: str) -> bytes | None:
        """Return a file that a run has written; None where there is none of that name.

        Raises:
            JobsUnreachable, JobsRefused: as ``latest``.
        """
        return self._file(f"{self._path}{run.id}/artifacts/{name}")

    def last_good_artefact(self, job: int, name: str) -> bytes | None:
        """Return a file that the last good run of a job has written; see ``artefact``."""
        return self._file(f"{self._path.removesuffix('runs/')}jobs/{job}/artifacts/{name}")

    def _file(self, path: str) -> bytes | None:
        try:
            answer = self._client.get(path)
        except httpx.HTTPError as error:
            raise JobsUnreachable(f"dbt Cloud does not answer: {type(error).__name__}.") from error
        if answer.status_code == 404:
            return None
        self._look_at(answer)
        return answer.content

    def _look_at(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status in (401, 403):
            raise JobsRefused(f"dbt Cloud does not accept the token for account {self._account} ({status}).")
        if status == 429 or status >= 500:
            raise JobsUnreachable(f"dbt Cloud answers {status}.", wait=_wait(answer))
        if status != 200:
            raise JobsRefused(
                f"dbt Cloud answers {status} for account {self._account}.",
                remedy="Compare account and url of dbt_cloud in project.yaml with the address of dbt Cloud.",
            )


class _Run(BaseModel):
    id: int
    finished_at: AwareDatetime | None


class _Answer(BaseModel):
    data: list[_Run]


class _Token(httpx.Auth):
    """Sends the token; it is in no header that the client shows."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Token {self._token.get_secret_value()}"
        yield request


def _wait(answer: httpx.Response) -> timedelta | None:
    said = answer.headers.get("Retry-After", "")
    return timedelta(seconds=int(said)) if said.isdecimal() and len(said) < 6 else None
