"""Files that name others: what leads nowhere, or round in a circle, is said with its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bookward.project.project import Project
from tests.unit.project.folders import GOOD, said

Build = Callable[..., Project]

SYNC = GOOD["syncs/users.yaml"]
LAST = SYNC.count("\n") + 1
AFTER_ITSELF = "The sync would run after itself:"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"syncs/users.yaml": SYNC.replace("model: users", "model: user")},
            ["syncs/users.yaml:1:8: There is no model 'user'. Did you mean 'users'?"],
        ),
        (
            {"models/users.yaml": "source: warehose\nprimary_key: id\n"},
            ["models/users.yaml:1:9: There is no source 'warehose'. Did you mean 'warehouse'?"],
        ),
        (
            {"destinations/xero.yaml": None},
            ["syncs/users.yaml:2:14: There is no destination 'xero'."],
        ),
        (
            {"syncs/users.yaml": SYNC + "schedule: {after: [orders, user]}\n", "syncs/orders.yaml": SYNC},
            [f"syncs/users.yaml:{LAST}:28: There is no sync 'user'. Did you mean 'users'?"],
        ),
        (
            {"syncs/users.yaml": SYNC + "schedule:\n  after: order\n", "syncs/orders.yaml": SYNC},
            [f"syncs/users.yaml:{LAST + 1}:10: There is no sync 'order'. Did you mean 'orders'?"],
        ),
        (
            {
                "syncs/users.yaml": SYNC + "schedule: {after: orders}\n",
                "syncs/orders.yaml": SYNC + "schedule: {after: [users]}\n",
                "syncs/third.yaml": SYNC + "schedule: {after: [users]}\n",
            },
            [
                f"syncs/orders.yaml:{LAST}:12: {AFTER_ITSELF} orders after users after orders.",
                f"syncs/users.yaml:{LAST}:12: {AFTER_ITSELF} users after orders after users.",
            ],
        ),
    ],
)
def test_a_reference_that_leads_nowhere_names_the_nearest(
    project_with: Build, files: dict[str, str | None], expected: list[str]
) -> None:
    project_with({})
    assert said(project_with(files)) == expected


@pytest.mark.parametrize(
    "files",
    [
        {"models/users.yaml": "\t"},
        {"models/users.yaml": None},
        {"models/users.sql": None},
        {"models/users.sql": b"\xff"},
        {"sources/warehouse.yaml": "type: nope\n"},
        {"sources/warehouse.yaml": "type: sample\nuser: 5\n"},
        {"destinations/xero.yaml": "type: xero\nclient_id: ${NOPE}\n"},
        {"destinations/xero.yaml": ""},
    ],
)
def test_a_reference_to_a_broken_file_is_not_a_second_problem(
    project_with: Build, files: dict[str, str | bytes | None]
) -> None:
    project_with({})
    project = project_with(files)
    [problem] = project.problems
    [broken] = files
    assert problem.path.partition(".")[0] == broken.partition(".")[0]
    assert set(project.syncs) == {"users"}
