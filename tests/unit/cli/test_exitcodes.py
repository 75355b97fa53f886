from __future__ import annotations

import pytest

from bookward.cli.exitcodes import MEANINGS, ExitCode, code_of_run, worst


def test_every_code_is_explained() -> None:
    assert set(MEANINGS) == set(ExitCode)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [([], 0), ([0, 3], 3), ([3, 4], 4), ([4, 1, 3], 1), ([2, 4], 2), ([2, 1], 1), ([0, 0], 0)],
)
def test_the_worst_code_wins(codes: list[int], expected: int) -> None:
    assert worst(ExitCode(code) for code in codes) == expected


@pytest.mark.parametrize(
    ("state", "counts", "expected"),
    [
        ("done", {}, 0),
        ("done", {"rows_accepted": 5, "rows_rejected": 0}, 0),
        ("done", {"rows_rejected": 1}, 3),
        ("done", {"rows_rejected": 1, "rows_uncertain": 1}, 4),
        ("paused", {"rows_rejected": 1}, 4),
        ("interrupted", {}, 4),
        ("failed", {"rows_rejected": 1, "rows_uncertain": 1}, 1),
    ],
)
def test_how_a_run_ended_decides_its_code(state: str, counts: dict[str, int], expected: int) -> None:
    assert code_of_run(state, counts) == expected
