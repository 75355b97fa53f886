"""What passes with time."""

from __future__ import annotations

from bookward.errors.base import RetryLater


class RateLimited(RetryLater):
    """A limit of the destination is reached."""

    code = "rate_limited"
    remedy = "Nothing to do: run again after the time named and the rest is sent."


class RemoteUnavailable(RetryLater):
    """The destination is down or under maintenance."""

    code = "remote_unavailable"
    remedy = "Run again later; what was accepted is not sent again."


class StorageUnreachable(RetryLater):
    """The object storage that keeps snapshots and plans does not answer now."""

    code = "storage_unreachable"
    remedy = (
        "Run again when it answers; nothing is sent twice. If it never did, check the host in BOOKWARD_FILES."
    )


class JobsUnreachable(RetryLater):
    """The service whose jobs schedules wait for does not answer, or not with what it should."""

    code = "jobs_unreachable"
    remedy = "Nothing to do: it is asked again, and what ended meanwhile is made up for."


class AnswerLost(RetryLater):
    """A request was sent but no complete answer came back, so it may or may not have been booked."""

    code = "answer_lost"
    remedy = "Run again: Bookward first reads back what was booked and sends only what is missing."


class AlertUndelivered(RetryLater):
    """The channel of an alert does not answer, or cannot take a message now."""

    code = "alert_undelivered"
    remedy = "Nothing to do: it is tried again by itself. `bookward alert list` shows how it stands."


class ProviderUnavailable(RetryLater):
    """The provider at which people sign in does not answer, or not as a provider does."""

    code = "provider_unavailable"
    remedy = (
        "Try again later; if it never did, check BOOKWARD_OIDC_ISSUER. An admin gets in without it by the "
        "link of `bookward user reset EMAIL`."
    )


class TooManyRequests(RetryLater):
    """More requests, or more failed sign-ins, than the server lets one caller make."""

    code = "too_many_requests"
    remedy = "Wait as long as the header Retry-After says."


class ServerBusy(RetryLater):
    """The server has all hands full with work that takes long."""

    code = "server_busy"
    remedy = "Ask again in a moment."


class ServerUnreachable(RetryLater):
    """The server that `--server` names does not answer. What was asked of it goes on there all the same."""

    code = "server_unreachable"
    remedy = "Check the address, and that `bookward serve` is up; `history` and `schedule` tell what goes on."
