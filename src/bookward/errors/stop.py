"""What a run cannot go on with."""

from __future__ import annotations

from bookward.errors.base import StopRun


class SourceUnreachable(StopRun):
    """No connection to the source."""

    code = "source_unreachable"
    remedy = "Check host, port, credentials and that the server is up, then run again."


class SourceFailed(StopRun):
    """The source refused the query, or the connection was lost while reading; nothing was sent."""

    code = "source_failed"
    remedy = "Put right what the message says in the model's query or in the source, then run again."


class ReadTooLarge(StopRun):
    """A model gives more rows or bytes than its source's file allows; nothing was sent."""

    code = "read_too_large"
    remedy = "Narrow the model, or raise `max_rows` or `max_bytes` in the source's file."


class RightsMissing(StopRun):
    """The source does not let Bookward keep the tables of its own that `diff: warehouse` needs."""

    code = "rights_missing"
    remedy = "Let the owner of the database run the statements that the message names, or set `diff: local`."


class SignInLost(StopRun):
    """The destination does not accept the stored sign-in any more."""

    code = "sign_in_lost"
    remedy = (
        "Run `bookward connect DESTINATION` to sign in again; the next run goes on where this one stopped."
    )


class BuildUnfit(StopRun):
    """What dbt built is broken, failed its tests, or is older than it may be; nothing was sent."""

    code = "build_unfit"
    remedy = "Look at dbt's run, put it right there, and run again."


class JobsRefused(StopRun):
    """The service whose jobs schedules wait for does not let Bookward look at them."""

    code = "jobs_refused"
    remedy = "Make a service token that may read jobs, and set it where project.yaml takes it from."


class AccessDenied(StopRun):
    """Signed in, but not allowed to do this in this organisation."""

    code = "access_denied"
    remedy = "Check the scopes and the user's role, and that the organisation is still connected."


class RemoteRefused(StopRun):
    """The destination refuses whole requests, whatever row they hold."""

    code = "remote_refused"
    remedy = "Look at the refused call with `bookward calls RUN --full`."


class PlanStale(StopRun):
    """The world moved since the plan was made, or its time is over."""

    code = "plan_stale"
    remedy = "Plan again."


class OrganisationChanged(StopRun):
    """The destination leads to another organisation than the sync has written to, or the run began with."""

    code = "organisation_changed"
    remedy = (
        "Connect the former organisation again, or give the sync a new name and run it once with --as-new: "
        "it then starts anew."
    )


class RunUnsettled(StopRun):
    """An earlier run was cut off, and what became of its last batches has to be settled first."""

    code = "run_unsettled"
    remedy = "Run the sync: it first settles what the earlier run had sent."


class RunCutOff(StopRun):
    """The run of a plan that was made before ended with its process; nobody goes on with that plan."""

    code = "run_cut_off"
    remedy = "Plan again for the rest."


class RunOvertaken(StopRun):
    """Another process has begun to work on this sync while this one had not ended; nothing more is sent."""

    code = "run_overtaken"
    remedy = (
        "Nothing is lost: the newer run settles what this one has sent. Find out how two could run at once: "
        "the folder `locks` in the state folder was deleted, or lies on a file system that knows no locks; "
        "or, where machines share a database, this one was held or cut off from it beyond its lease."
    )


class SyncBusy(StopRun):
    """Another process is running this sync."""

    code = "sync_busy"
    remedy = "Wait until it has finished; `bookward history` shows it."


class NotPublished(StopRun):
    """No server has published a project yet that a worker without its folder could follow."""

    code = "not_published"
    remedy = "Start `bookward serve` with the project on a machine that shares the database."


class ModelEmpty(StopRun):
    """The model returns no row while records were synced before, and removals would follow."""

    code = "model_empty"
    remedy = "Check the model. If it is meant to be empty, run with --allow-empty."


class GuardTripped(StopRun):
    """Without approval the plan does more than the guards, or a sync by itself, would; it is parked."""

    code = "guard_tripped"
    remedy = "Look at the plan and approve it, or change the guards in the sync's file."


class Cancelled(StopRun):
    """A person stopped the run: nothing new was sent, and the next run settles what has no answer yet."""

    code = "cancelled"
    remedy = "Run again: the next run goes on with what is left."


class StorageRefused(StopRun):
    """The object storage that keeps snapshots and plans does not let Bookward use it."""

    code = "storage_refused"
    remedy = (
        "Check BOOKWARD_FILES, and that the keys in the environment may read, write, list and delete there."
    )


class StoreFailed(StopRun):
    """Bookward's own state could not be read or written."""

    code = "store_failed"
    remedy = "Check that the disk has room and that the state folder is writable."
    last_resort = (
        "give the sync a new name and run it once with --as-new: it then adopts the records that it finds."
    )


class WorkFailed(StopRun):
    """A server could not begin, or finish, the run or plan that it was asked for; the message says why."""

    code = "work_failed"
    remedy = "Put right what the message names, and ask again; `check` lists what is wrong in the files."
