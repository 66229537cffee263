"""What a tired engineer must find in the text report, in the order in which it is needed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import msgspec
import pytest

from backuptrace.report import markdown
from backuptrace.report.alike import hit_line
from backuptrace.report.document import Evidence, Next, Report
from backuptrace.report.layout import columns
from backuptrace.report.phrases import tongue
from backuptrace.report.sections import what_is_known
from backuptrace.report.text import render
from backuptrace.report.times import Times, plus_minus

OUTCOMES = ["explained", "recovered", "no-failure-seen", "unexplained", "cannot-tell"]
CURL = 'sudo curl -sS -m 10 "http://168.63.129.16/?comp=versions" && sudo curl -sS -m 10 http://168.63.129.16:32526/versions'
HIT = "OSError(113, 'No route to host')"


def test_the_answer_comes_first(report: Report) -> None:
    text = render(report)
    assert " ".join(text.split("\n\n")[0].split()) == report.verdict.sentence
    parts = [
        "confidence high",
        "WHY: 168.63.129.16 cannot be reached",
        HIT,
        "WHAT TO DO",
        "ALSO SUPPORTED",
        "WHAT TO RUN NEXT",
        "1 other cause is not decided",
        "OVER OR RULED OUT",
    ]
    parts += ["BACKUP ATTEMPTS", "TIMELINE", "COVERAGE", "NOT IN THE BUNDLE", "PROBLEMS"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_lines_fit_the_width_except_what_is_to_be_copied(outcome: str, width: int, report_of: Callable[..., Report]) -> None:
    for line in render(report_of(outcome), width=width, show_all=True).splitlines():
        assert columns(line) <= width or "https://" in line or "sudo " in line, line
        assert line == line.rstrip()


@pytest.mark.parametrize("width", [40, 80])
def test_commands_stand_alone_and_whole(width: int, report: Report) -> None:
    assert f"     {CURL}" in render(report, width=width).splitlines()


def quotes(text: str) -> list[str]:
    """The lines of the first piece of evidence."""
    lines = text.splitlines()
    first = next(n for n, line in enumerate(lines) if line.endswith("var/log/waagent.log:1200")) + 1
    last = next(n for n in range(first, len(lines)) if not lines[n].startswith("      "))
    return [line for line in lines[first:last] if "lines like this" not in line]


@pytest.mark.parametrize("width", [46, 80, 200])
def test_a_long_line_takes_three_lines_at_most_and_shows_its_hit(width: int, report: Report) -> None:
    shown = quotes(render(report, width=width))
    assert len(shown) <= 3
    assert HIT in " ".join(line.strip() for line in shown)
    if width == 80:
        assert len(shown) == 3
        assert "".join(" ".join(line.strip() for line in shown).split(HIT)[0]).endswith("[ProtocolError] IOError ")


def test_a_line_that_fits_is_shown_whole(report: Report) -> None:
    text = report.causes[0].evidence[0].text
    assert " ".join(line.strip() for line in quotes(render(report, width=200))) == text


def test_evidence_tells_when_and_where(report: Report) -> None:
    assert "2026-11-22 03:11:00 UTC  var/log/waagent.log:1200" in render(report)


def test_lines_that_say_the_same_are_told_once_and_all_on_demand(report: Report) -> None:
    short, full = render(report), render(report, show_all=True)
    assert "7 lines like this, the last 03:11:06, line 1206" in short
    assert "waagent.log:1203" not in short
    assert "var/log/waagent.log:1203" in full
    assert "[context]" in full


def test_the_rest_of_the_evidence_is_counted(report: Report) -> None:
    assert "30 more, 1 of them with --all" in render(report)


def test_no_more_than_five_causes_unless_asked(report: Report, report_of: Callable[..., Report]) -> None:
    second = report.causes[1]
    causes = [report.causes[0], *(msgspec.structs.replace(second, id=f"c{n}", title=f"Cause number {n}") for n in range(8))]
    many = report_of(causes=causes)
    short = render(many)
    assert "Cause number 3" in short
    assert "Cause number 4" not in short
    assert "4 more causes with --all" in short
    assert "Cause number 7" in render(many, show_all=True)


def test_earlier_and_refuted_causes_take_one_line_each(report: Report) -> None:
    lines = render(report, width=120).splitlines()
    assert "  - Title of disk-full: df shows 40 GB free at 03:12." in lines
    assert "  - Title of dhcp: was the cause of the attempt 2026-11-12 03:10:00 to 03:12:00 UTC, is over" in lines


def test_causes_without_evidence_are_listed_on_demand_only(report: Report) -> None:
    assert "Title of policy-denied" not in render(report), "its id stands in the table of causes"
    full = render(report, show_all=True)
    assert all(f"Title of {name}" in full for name in ("dhcp", "policy-denied", "vss-writer"))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_tells_what_was_covered_and_what_was_missing(outcome: str, report_of: Callable[..., Report]) -> None:
    head = " ".join(render(report_of(outcome)).split("\n\n")[1].split())
    whole = " ".join(render(report_of(outcome)).split())
    assert "covered Read 2 sources, 2026-11-22 00:00:01 to 03:30:00 UTC. 1 of them has gaps. One file could not be read in full." in head
    assert "Not in the bundle: journal" in whole
    assert whole.count("Not in the bundle: journal") == 1


@pytest.mark.parametrize("outcome", ["unexplained", "cannot-tell"])
def test_without_an_answer_open_causes_and_unknown_errors_are_shown(outcome: str, report_of: Callable[..., Report]) -> None:
    text = render(report_of(outcome))
    assert "- Title of selinux (missing: The audit log)\n" in text
    assert "Title of clock-wrong" not in text
    assert "12x Unknown error <*>" in text
    assert "WHY" not in text


@pytest.mark.parametrize("width", [80, 200])
def test_coverage_takes_one_line_a_source_and_more_only_where_there_is_something_to_say(width: int, report: Report) -> None:
    text = render(report, width=width)
    table = text[text.index("COVERAGE") : text.index("NOT IN THE BUNDLE")].splitlines()
    assert table[1] == "  2026-11-22 00:00 to 03:30  12,345 records  var/log/waagent.log"
    assert table[2] == "  2026-11-22 01:00 to 03:00      99 records  logs.zip!var/log/syslog"
    assert [line.strip() for line in table[3:7]] == [
        "- 2 records unreadable",
        "- not complete: the end or the live part is missing",
        "- gap 2026-11-22 02:00:00 to 02:10:00 UTC: cut",
        "- clock UTC+1, +2.5 s off (the zone of the host, no stamp says it)",
    ]
    assert table[7:] == [""]


def test_problems_and_caps_are_never_silent(report: Report) -> None:
    text = render(report)
    assert "var/log/waagent.log.2.gz: the archive ends early" in text
    assert "do: collect it again" in text
    assert "Of 1 kind of line only some are kept here; all of them were counted" in text
    assert "8 of 37 shown" in render(report, show_all=True)


def test_of_files_that_nobody_knows_three_are_named_and_all_on_demand(report: Report) -> None:
    short = " ".join(render(report).split())
    assert "30 files are in no known format and were not read: unknown-0, unknown-1, unknown-2 and 27 more (with --all)" in short
    assert "unknown-7" not in short
    assert all(f"    etc/unknown-{number}\n" in render(report, show_all=True) for number in range(30))


def test_without_a_supported_cause_an_open_one_is_no_other_one(report_of: Callable[..., Report]) -> None:
    assert "\n1 cause is not decided" in render(report_of("no-failure-seen"))


def test_no_more_than_five_commands_unless_asked(report: Report, report_of: Callable[..., Report]) -> None:
    commands = [Next(command=f"sudo command-{number}", settles=["dhcp"], what=f"what {number}") for number in range(9)]
    many = report_of("unexplained", next=commands)
    assert "sudo command-4" in render(many)
    assert "sudo command-5" not in render(many)
    assert "4 more commands with --all" in render(many)
    assert "sudo command-8" in render(many, show_all=True)


def test_with_a_sure_answer_only_commands_that_tell_more_about_it_are_shown(report: Report, report_of: Callable[..., Report]) -> None:
    commands = [Next(command="sudo about-it", settles=["wireserver-unreachable"], what="x"), Next(command="sudo about-others", settles=["selinux"], what="y")]
    text = render(report_of(next=commands))
    assert "sudo about-it" in text
    assert "sudo about-others" not in text
    assert "1 more command with --all" in text
    unsure = [msgspec.structs.replace(report.causes[0], confidence="low"), *report.causes[1:]]
    assert "sudo about-others" in render(report_of(next=commands, causes=unsure))


def test_local_time_stands_beside_utc_where_the_zone_is_known(report: Report, report_of: Callable[..., Report]) -> None:
    basis = "inferred: two logs tell the same moment"
    local = report_of(bundle=msgspec.structs.replace(report.bundle, zone="UTC-05:30", zone_basis=basis))
    text = render(local, width=120)
    assert "  clock    local time of the machine is UTC-05:30 (inferred: two logs tell the same moment)" in text
    assert "2026-11-22 03:11:00 UTC (2026-11-21 21:41:00 local)  var/log/waagent.log:1200" in text
    assert "2026-11-22 03:10:00 to 03:14:07 UTC (2026-11-21 21:40:00 to 21:44:07 local)" in text
    assert "TIMELINE (UTC; local time is UTC-05:30)" in text
    assert "  2026-11-22 03:10:00  2026-11-21 21:40:00  03:12:07  failed" in text
    assert "local" not in render(report)


def test_local_time_follows_summer_time_where_the_zone_has_a_name(report: Report, report_of: Callable[..., Report]) -> None:
    runs = [
        msgspec.structs.replace(report.attempts[0], started=f"2026-{month}-10T03:10:00.000000Z", ended=f"2026-{month}-10T03:12:00.000000Z")
        for month in ("07", "11")
    ]
    text = render(report_of(bundle=msgspec.structs.replace(report.bundle, zone="Europe/Berlin"), attempts=runs), width=120)
    assert "  2026-07-10 03:10:00  05:10:00  03:12:00" in text
    assert "  2026-11-10 03:10:00  04:10:00  03:12:00" in text


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_nothing_but_words_carries_the_meaning(outcome: str, report_of: Callable[..., Report]) -> None:
    """For a screen reader: no boxes, no bullets that are drawn, no emphasis by colour alone."""
    text = render(report_of(outcome), show_all=True)
    assert not [char for char in text if unicodedata.category(char) == "So" or "\u2500" <= char <= "\u25ff"]


def test_a_long_timeline_shows_the_focus_and_says_what_it_leaves_out(report: Report, report_of: Callable[..., Report]) -> None:
    row = report.timeline[0]
    noise = [
        msgspec.structs.replace(row, time=f"2026-11-{day:02d}T{hour:02d}:00:00.000000Z", summary=f"heartbeat {day} {hour}")
        for day in (20, 23)
        for hour in range(24)
    ]
    long = report_of(timeline=sorted([*report.timeline, *noise], key=lambda entry: entry.time))
    text = render(long)
    table = text[text.index("TIMELINE") : text.index("COVERAGE")]
    assert "backup attempt began" in table
    assert "(7 times until 03:11:06)" in table
    assert len(re.findall(r"^  \d\d:\d\d:\d\d ", table, re.MULTILINE)) == 25
    assert "26 of 51 left out; --all shows them" in table
    full = render(long, show_all=True)
    assert all(f"heartbeat 23 {hour}" in full for hour in range(24))


def test_no_color_means_no_escape_sequence_and_color_changes_nothing_else(report: Report) -> None:
    plain, colored = render(report), render(report, color=True)
    assert "\x1b" not in plain
    assert f"\x1b[1;31m{HIT}\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]+m", "", colored) == plain


EVIL = "\x1b[2J\u202e\x9b\r\u2028\udcff\x07"


@pytest.mark.parametrize("color", [False, True])
def test_a_hostile_log_cannot_act_on_the_terminal(color: bool, report: Report) -> None:
    """Every text of the report is poisoned, those of paths, codes and commands included."""

    def poison(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {name: poison(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [poison(item, key) for item in value]
        fixed = {
            "schema",
            "outcome",
            "os",
            "status",
            "confidence",
            "role",
            "result",
            "kind",
            "time",
            "from",
            "to",
            "at",
            "started",
            "ended",
            "first",
            "last",
            "text",
            "language",
        }
        return EVIL + value + EVIL if isinstance(value, str) and key not in fixed else value

    evil = msgspec.convert(poison(msgspec.to_builtins(report)), Report)
    first = evil.causes[0]
    line = msgspec.structs.replace(first.evidence[0], text=EVIL + "HIT" + EVIL, hit_from=0, hit_to=len(EVIL) + 3)
    evil = msgspec.structs.replace(evil, causes=[msgspec.structs.replace(first, evidence=[line]), *evil.causes[1:]])
    text = re.sub(r"\x1b\[(?:0|1|2|1;31|32|33)m", "", render(evil, color=color, show_all=True)) if color else render(evil, show_all=True)
    assert not [char for char in text if char != "\n" and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert "\\x1b[2J" in text
    assert "HIT" in text


def test_kept_text_alone_is_no_problem(report: Report) -> None:
    """That only some lines of a kind are kept loses nothing that decides: at 3 a.m. it must not stand under PROBLEMS."""
    text = render(msgspec.structs.replace(report, problems=[]))
    assert "PROBLEMS" not in text
    assert "Of 1 kind of line only some are kept here" in text


@pytest.mark.parametrize("seconds, told", [(1, "±1 s"), (119.2, "±120 s"), (120, "±2 min"), (150, "±3 min"), (7200, "±2 h"), (14 * 3600, "±14 h")])
def test_how_far_a_time_may_be_off(seconds: float, told: str) -> None:
    assert plus_minus(seconds) == told


HEAD = "2026-12-02 19:41:22.391576 [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0]"


EVENT = "2026-03-17T03:40:14.000000Z\t4301\tApplication\tApplication Error\t1000\terror\tVM01"


@pytest.mark.parametrize(
    "text, hit, told",
    [
        (HEAD + "CRP timeout limit", "CRP", "CRP timeout limit"),
        ("2026-11-22T03:01:40.000002Z INFO Daemon ready", "ready", "INFO Daemon ready"),
        ("Jul  7 21:30:18 sap-hana2 kernel: denied", "denied", "sap-hana2 kernel: denied"),
        ("2026-07-07T21:30:18.1+02:00 host sshd: no", "no", "host sshd: no"),
        ("[0x01] 2026-11-22 plain", "plain", "[0x01] 2026-11-22 plain"),
        ("[00000006] 2026-03-18T03:41:06Z [ERROR] Enable failed", "Enable", "[ERROR] Enable failed"),
        ("[00000004] [03/13/2026 06:01:12.00] [WARN]  not stopped", "not", "[WARN]  not stopped"),
        ("Mon Nov 18 00:05:10 UTC 2019- 3 returned from handle.py", "returned", "3 returned from handle.py"),
        (EVENT + "\tAppName=a.exe\tModule=b.dll", "AppName", "Application Error 1000: AppName=a.exe, Module=b.dll"),
        (EVENT + "\tA=" + "x" * 200 + "\tModule=b.dll", "Module", "Application Error 1000: …" + "x" * 19 + ", Module=b.dll"),
        (EVENT, "1000", "Application Error 1000"),
        (HEAD + "first\nsecond line\nthird", "second", "second line"),
        (HEAD + "x" * 200 + " the cause is here", "cause", "…" + "x" * 15 + " the cause is here"),
        (HEAD + "cause " + "x" * 200, "cause", "cause " + "x" * 200),
    ],
)
def test_the_line_that_hit_is_told_from_its_words(text: str, hit: str, told: str) -> None:
    assert hit_line(text, text.index(hit)) == told


def test_of_a_windows_event_the_values_are_shown_and_not_its_time_and_channel_again(report_of: Callable[..., Report], report: Report) -> None:
    values = "".join(f"\tName{number}=value{number}" for number in range(12))
    item = Evidence(signature="x", time="2026-03-17T03:40:14.000000Z", source="A.evtx", record=4301, text=EVENT + values, hit_from=78, hit_to=90)
    first = msgspec.structs.replace(report.supported()[0], evidence=[item])
    text = render(report_of("explained", causes=[first]))
    assert "      Application Error    1000    error    VM01" in text
    assert "Name11=value11" in text
    assert "4301    Application" not in text


def test_of_several_lines_of_which_none_is_marked_all_are_quoted(report_of: Callable[..., Report], report: Report) -> None:
    item = Evidence(signature="x", source="portal.txt", line=1, text="Error code\n400113\nToo many restore points", hit_from=0, hit_to=0)
    first = msgspec.structs.replace(report.supported()[0], evidence=[item])
    changed = report_of("explained", causes=[first])
    assert "Error code 400113 Too many restore points" in render(changed)
    assert "Error code 400113 Too many restore points" in markdown.render(changed)


@pytest.mark.parametrize(
    "code, told", [("-1073741819", "code -1073741819 (0xC0000005)"), ("121", "code 121"), ("-2", "code -2"), ("UserErrorX", "code UserErrorX"), ("-", "code -")]
)
def test_status_codes_of_windows_stand_in_the_form_that_people_look_up(code: str, told: str, report: Report) -> None:
    attempt = msgspec.structs.replace(report.attempts[-1], code=code, result="failed", reached=None, causes=[])
    assert what_is_known(attempt, Times(tongue("en"))) == told
