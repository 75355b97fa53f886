"""What `--json` prints: records as plain documents whose keys are part of the interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from bookward.records import (
    ApiCall,
    Brief,
    Finding,
    ListedTable,
    Operation,
    Problem,
    Rejection,
    SignedOut,
)

if TYPE_CHECKING:
    from bookward.app import (
        Artefacts,
        Candidate,
        CheckReport,
        Connection,
        Plan,
        Preview,
        Reconciled,
        Run,
        RunRow,
        SuggestedSync,
        SyncRow,
    )
    from bookward.serving import PlanStanding

Document: TypeAlias = dict[str, Any]

_NATIVE = (str, bool, int, float, Decimal, datetime, date, time)
_NUMERIC = ("integer", "decimal", "float")


def error_document(code: str, message: str, remedy: str | None) -> Document:
    """Return the one shape of all errors."""
    return {"code": code, "message": message, "remedy": remedy or ""}


def check_document(report: CheckReport) -> Document:
    """Return what `check` found."""
    return {
        "ok": report.ok,
        "problems": [problem_document(problem) for problem in report.problems],
        "warnings": [problem_document(warning) for warning in report.warnings],
        "connections": [connection_document(each) for each in report.connections],
        "counts": dict(report.counts),
    }


def connection_document(connection: Connection) -> Document:
    """Return the test of a connection, step by step."""
    return {
        "kind": connection.kind,
        "slug": connection.slug,
        "ok": connection.ok,
        "steps": [
            {"name": step.name, "ok": step.ok, "detail": step.detail, "remedy": step.remedy}
            for step in connection.steps
        ],
    }


def problem_document(problem: Problem) -> Document:
    """Return something wrong in a file, with its place."""
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "field": problem.field,
        "message": problem.message,
        "remedy": problem.remedy,
    }


def tables_document(tables: Iterable[ListedTable]) -> Document:
    """Return what a source lists, each table with its columns."""
    return {"tables": [asdict(table) for table in tables]}


def dbt_document(found: Artefacts) -> Document:
    """Return the models that dbt has written down, and how its last run went."""
    return {
        "at": found.at,
        "built_at": found.built.at if found.built else None,
        "models": [
            {
                "name": model.name,
                "unique_id": model.unique_id,
                "relation": model.relation,
                "primary_key": list(model.primary_key),
                "description": model.description,
                "columns": dict(model.columns),
                "trouble": found.built.trouble(model.unique_id) if found.built else "",
            }
            for model in found.models
        ],
    }


def preview_document(model: str, preview: Preview) -> Document:
    """Return the columns and the first rows of a model."""
    return {
        "model": model,
        "columns": [
            {"name": name, "type": type_, "numeric": is_numeric(type_), "of_line": name in preview.of_lines}
            for name, type_ in preview.columns
        ],
        "rows": [{name: native(value) for name, value in row.items()} for row in preview.rows],
        "is_whole": preview.is_whole,
        "seconds": preview.seconds,
    }


def is_numeric(type_: str) -> bool:
    """Return whether a column, by its type in words, holds numbers: people read those by their last digit."""
    return type_.startswith(_NUMERIC)


def suggestion_document(suggested: SuggestedSync) -> Document:
    """Return a proposed sync, whole and field by field; scores go from 0 to 1."""
    found = suggested.suggestion
    return {
        "model": suggested.model,
        "destination": suggested.destination,
        "object": suggested.object,
        "mode": suggested.mode,
        "match": _candidate(found.match) if found.match else None,
        "fields": [_candidate(candidate) for candidate in found.fields],
        "lines": [_candidate(candidate) for candidate in found.lines],
        "of_lines": [_candidate(candidate) for candidate in found.of_lines],
        "missing": [
            {"field": ".".join(missing.path), "choices": list(missing.choices)} for missing in found.missing
        ],
        "unused": list(found.unused),
        "yaml": suggested.yaml,
    }


def _candidate(candidate: Candidate) -> Document:
    return {
        "field": ".".join(candidate.path),
        "column": candidate.column,
        "score": candidate.score,
        "reason": candidate.reason,
    }


def plan_document(plan: Plan) -> Document:
    """Return a plan at a glance."""
    header = plan.header
    return {
        "id": header.id,
        "sync": header.sync,
        "created": header.created,
        "expires": header.expires,
        "organisation": {"id": header.organisation, "name": header.organisation_name},
        "config_version": header.config_version,
        "rows_read": header.rows_read,
        "changes": dict(header.changes),
        "operations": dict(header.operations),
        "key_problems": header.key_problems,
        "first": dict(header.first),
        "bytes_to_send": header.bytes_to_send,
        "forecast": dict(header.forecast),
        "money": {currency: asdict(moved) | {"net": moved.net} for currency, moved in header.money.items()},
        "reconciled": reconciled_document(header.reconciled),
        "tripped": list(header.tripped),
        "grave": header.grave or None,
        "notes": list(header.notes),
        "former_key": list(header.former_key),
        "left_behind": header.left_behind,
    }


def reconciled_document(result: Reconciled | None) -> Document | None:
    """Return what comes of holding all rows against all records, None where that was not done."""
    if result is None:
        return None
    return {
        "rows": result.rows,
        "in_books": result.in_books,
        "agrees": result.agrees,
        "rows_sums": dict(result.rows_sums),
        "records_sums": dict(result.records_sums),
        "found": {
            kind: {"records": found.records, "sums": dict(found.sums)} for kind, found in result.found.items()
        },
        "uncertain": result.uncertain,
        "removing": list(result.removing),
        "calls": result.calls,
    }


def finding_document(finding: Finding) -> Document:
    """Return one record in the books that no row accounts for."""
    return {
        "kind": finding.kind.value,
        "id": finding.remote_id,
        "called": finding.called,
        "day": finding.day,
        "currency": finding.currency,
        "total": finding.total,
        "row": finding.row,
    }


def operation_document(operation: Operation) -> Document:
    """Return one operation with its old and new values."""
    return {
        "seq": operation.seq,
        "key": operation.key,
        "change": operation.change.value,
        "kind": operation.kind.value,
        "remote_id": operation.remote_id,
        "payload": operation.payload,
        "before": operation.before,
        "brief": brief_document(operation.brief),
        "notes": list(operation.notes),
        "rejection": rejection_document(operation.rejection),
    }


def brief_document(brief: Brief | None) -> Document | None:
    """Return what a person knows a record by, None where nothing was looked up."""
    return None if brief is None else {name: getattr(brief, name) for name in Brief.__struct_fields__}


def signed_out_document(destination: str, done: SignedOut) -> Document:
    """Return what signing out of a destination did."""
    return {
        "destination": destination,
        "organisation": {"id": done.organisation.id, "name": done.organisation.name},
        "connection_ended": done.connection_ended,
        "sign_in_revoked": done.sign_in_revoked,
        "remarks": list(done.remarks),
    }


def rejection_document(rejection: Rejection | None) -> Document | None:
    """Return why a row was not synced, None when it was."""
    if rejection is None:
        return None
    return error_document(rejection.code, rejection.message, rejection.remedy) | {"field": rejection.field}


def run_document(run: Run) -> Document:
    """Return one line of the history."""
    return {
        "id": run.id,
        "sync": run.sync,
        "plan": run.plan,
        "organisation": (
            {"id": run.organisation, "name": run.organisation_name or ""} if run.organisation else None
        ),
        "state": str(run.state),
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "resume_at": run.resume_at,
        "asked_by": run.asked_by,
        "reason": run.reason,
        "plan_made_by": run.plan_made_by,
        "parked": standing_document(run.parked),
        "counts": dict(run.counts),
        "error": (
            error_document(run.error_code, run.error_message or "", run.error_remedy)
            if run.error_code
            else None
        ),
    }


def standing_document(standing: PlanStanding | None) -> Document | None:
    """Return what became of a plan, None where nothing waited."""
    return None if standing is None else asdict(standing) | {"state": str(standing.state)}


def sync_row_document(row: SyncRow) -> Document:
    """Return where one row of a sync stands."""
    return {
        "key": row.key,
        "state": row.state.value,
        "remote_id": row.remote_id,
        "brief": brief_document(row.brief),
        "run": row.run,
        "rejection": _refusal(row),
        "attempts": row.attempts,
        "next_try": row.next_try,
    }


def _refusal(row: RunRow | SyncRow) -> Document | None:
    if not row.code:
        return None
    return error_document(row.code, row.message or "", row.remedy) | {"field": row.field}


def row_document(row: RunRow) -> Document:
    """Return one row of a run."""
    return {
        "seq": row.seq,
        "key": row.key,
        "change": row.change,
        "kind": row.kind,
        "status": row.status,
        "remote_id": row.remote_id,
        "brief": brief_document(row.brief),
        "rejection": _refusal(row),
        "warnings": list(row.warnings),
    }


def call_document(number: int, call: ApiCall, *, full: bool) -> Document:
    """Return one API call, with headers and bodies when ``full``."""
    document = {
        "number": number,
        "destination": call.destination,
        "at": call.at,
        "purpose": call.purpose,
        "method": call.method,
        "url": call.url,
        "status": call.status,
        "duration_ms": call.duration_ms,
        "rows": call.rows,
        "error": call.error,
    }
    if full:
        document |= {
            "request_headers": call.request_headers,
            "request_body": call.request_body.decode(errors="replace"),
            "response_headers": call.response_headers,
            "response_body": call.response_body.decode(errors="replace"),
        }
    return document


def sync_document(
    sync: str,
    code: int,
    run: Run | None = None,
    recovered: Iterable[Run] = (),
    paused: Iterable[Run] = (),
    notes: Iterable[str] = (),
    error: Mapping[str, Any] | None = None,
) -> Document:
    """Return how one sync of a `run` ended; ``error`` is what kept it from beginning."""
    return {
        "sync": sync,
        "exit_code": int(code),
        "run": run_document(run) if run else None,
        "recovered": [run_document(earlier) for earlier in recovered],
        "paused": [run_document(earlier) for earlier in paused],
        "notes": list(notes),
        "error": error,
    }


def native(value: Any) -> Any:
    """Return a value that JSON has, or its text."""
    if value is None or isinstance(value, _NATIVE):
        return value
    if isinstance(value, Mapping):
        return {str(key): native(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [native(part) for part in value]
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
