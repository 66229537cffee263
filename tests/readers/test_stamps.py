"""Times as the logs and documents write them."""

from __future__ import annotations

import pytest

from backuptrace.model import SECOND
from backuptrace.readers.stamps import PARSERS, parse_history

MOMENT = 1_738_555_506
"""2025-02-03 04:05:06 UTC."""


@pytest.mark.parametrize(
    ("kind", "text", "want"),
    [
        ("iso", "2025-02-03T04:05:06.25Z", (MOMENT * SECOND + 250_000, True)),
        ("unixdate", "Mon Feb  3 04:05:06 2025", (MOMENT * SECOND, False)),
        ("rfc2822", "Mon, 03 Feb 2025 04:05:06 +0000", (MOMENT * SECOND, True)),
        ("rfc2822", "Mon, 03 Feb 2025 05:05:06 +0100", (MOMENT * SECOND, True)),
        ("rfc2822", "Mon, 03 Xxx 2025 05:05:06 +0100", None),
        ("epoch", "1738555506.123", (MOMENT * SECOND + 123_000, True)),
        ("epoch", "/Date(1738555506500)/", (MOMENT * SECOND + 500_000, True)),
        ("epoch", "x", None),
        ("ticks", str(621_355_968_000_000_000 + MOMENT * 10_000_000 + 5), (MOMENT * SECOND, True)),
        ("ticks", "0", None),
        ("ticks", "never", None),
        ("uptime", "5.123456", None),
    ],
)
def test_stamp(kind: str, text: str, want: tuple[int, bool] | None) -> None:
    assert PARSERS[kind](text.encode()) == want


@pytest.mark.parametrize(
    "path",
    [
        "var/lib/waagent/history/2025-02-03T04-05-06__2/GoalState.xml",
        "logs.zip!var/lib/waagent/history/2025-02-03T04-05-06__2-17.zip!GoalState.xml",
        "var/lib/waagent/history/2025-02-03T04:05:06.123456_incarnation_1/GoalState.1.xml",
        "var/lib/waagent/history/2025-02-03T04_05_06.123456_incarnation_1/GoalState.1.xml",
        "var/lib/waagent/history/2025-02-03T04%3A05%3A06.123456_incarnation_1/GoalState.1.xml",
        "var/lib/waagent/history/2025-02-03T040506.123456_incarnation_1/GoalState.1.xml",
    ],
)
def test_the_time_of_a_goal_state_is_in_its_folder(path: str) -> None:
    assert parse_history(path) == (MOMENT * SECOND, True)


def test_a_path_without_a_time() -> None:
    assert parse_history("var/lib/waagent/GoalState.1.xml") is None
    assert parse_history("history/2025-99-03T04-05-06__2/GoalState.xml") is None


def test_the_windows_agent_puts_the_month_first() -> None:
    assert PARSERS["us"](b"02/03/2025 04:05:06.25") == (MOMENT * SECOND + 250_000, False)
    assert PARSERS["us"](b"2/3/2025 4:05:06 PM") == ((MOMENT + 12 * 3600) * SECOND, False)
    assert PARSERS["us"](b"13/03/2025 04:05:06.25") is None
    assert PARSERS["us"](b"2025-02-03 04:05:06") is None
