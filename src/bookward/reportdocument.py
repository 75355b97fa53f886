"""The report of a run as `report --json` prints it."""

from __future__ import annotations

from dataclasses import asdict

from bookward import exactjson
from bookward.app import Report
from bookward.documents import Document, row_document, run_document


def report_document(report: Report) -> Document:
    """Return what an auditor is told of a run."""
    return {
        "run": run_document(report.run),
        "configuration": exactjson.decode(report.config),
        "tripped": list(report.plan.tripped) if report.plan else [],
        "grave": (report.plan.grave or None) if report.plan else None,
        "notes": list(report.plan.notes) if report.plan else [],
        "happened": [each._asdict() for each in report.happened],
        "booked": [asdict(each) for each in report.booked] if report.booked is not None else None,
        "not_synced": {
            "rows": report.not_synced_rows,
            "first": [row_document(row) for row in report.not_synced],
        },
        "calls": [each._asdict() for each in report.called],
        "sha256": report.digest,
    }
