"""The zone from records that tell one moment in local time and in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backuptrace.api import scan
from backuptrace.model import HOUR, LOCAL_CLOCK, MINUTE, SECOND, UTC_CLOCK, YEARLESS_CLOCK, Event, Hits, Log, Told
from backuptrace.timeline.twins import pairs
from backuptrace.timeline.zone import ALIKE, NAMED, TOLD, UNKNOWN, settle_zone


def micro(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp() * SECOND)


def told(stamp: str, clock: int, fields: dict[str, str]) -> list[tuple[int, int]]:
    log = Log("a", "a", "a", 0, hits={"m": Hits([], [], [Event("m", micro(stamp), 0, Told(1, "", fields=fields), clock)])})
    return [*pairs([log], ["m", "other"])]


@pytest.mark.parametrize("moment", ["2026-12-31T23:30:00Z", "Thu, 31 Dec 2026 23:30:00 +0000", "1798759800.0"])
def test_a_quoted_utc_time_and_the_year_that_it_gives(moment: str) -> None:
    assert told("2000-01-01T00:30:00", YEARLESS_CLOCK, {"utc": moment}) == [(micro("2027-01-01T00:30:00"), micro("2026-12-31T23:30:00"))]


def test_a_quoted_local_time() -> None:
    assert told("2026-07-01T10:00:02", UTC_CLOCK, {"local": "2026-07-01 12:00:00"}) == [(micro("2026-07-01T12:00:00"), micro("2026-07-01T10:00:02"))]


def test_what_is_no_pair() -> None:
    assert told("2026-07-01T10:00:02", UTC_CLOCK, {"utc": "2026-07-01T10:00:02Z"}) == []
    assert told("2026-07-01T10:00:02", LOCAL_CLOCK, {"utc": "no time"}) == []
    assert told("2000-02-29T10:00:02", YEARLESS_CLOCK, {"utc": "2024-02-29T08:00:02Z"}) == [(micro("2024-02-29T10:00:02"), micro("2024-02-29T08:00:02"))]


def test_most_of_the_pairs_decide_and_a_name_that_agrees_is_better() -> None:
    at = micro("2026-07-01T10:00:00")
    good = [(at + n * HOUR + 2 * HOUR, at + n * HOUR) for n in range(5)]
    zone = settle_zone([], [], [], [*good, (at + 5 * HOUR, at), (at + 7 * MINUTE, at)])
    assert (zone.name, zone.basis) == ("UTC+02:00", TOLD)
    assert settle_zone([], [], ["Asia/Tokyo", "Europe/Berlin"], good).name == "Europe/Berlin"
    assert settle_zone([], [], ["Europe/Berlin"], good).basis == NAMED
    assert settle_zone([], [], [], [(at + 20 * HOUR, at)]) == UNKNOWN


def test_summer_time_begins_without_a_name() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 3, 28, 12, tzinfo=timezone.utc) + timedelta(hours=6 * n) for n in range(8)]
    found = [(int(m.astimezone(berlin).replace(tzinfo=timezone.utc).timestamp()) * SECOND, int(m.timestamp()) * SECOND) for m in moments]
    zone = settle_zone([], [], [], found)
    assert [zone.utc(local) for local, _ in found] == [utc for _, utc in found]


def test_a_log_in_local_time_proves_no_silence_while_its_zone_is_only_assumed(tmp_path: Path) -> None:
    """Two hours east of UTC a system log seems to go on for two hours behind the agent's last word."""
    logs = tmp_path / "var/log"
    logs.mkdir(parents=True)
    beat = "INFO ExtHandler ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.12.0.2 is running as the goal state agent [DEBUG HeartbeatCounter: {};UpdateGSErrors: 0;]\n"
    (logs / "waagent.log").write_text("".join(f"2026-07-01T{8 + n // 2:02}:{n % 2 * 30:02}:01.000001Z " + beat.format(n) for n in range(24)))
    cron = "".join(f"Jul  1 {10 + n // 2:02}:{n % 2 * 30 + 17}:01 sample CRON[811]: (root) CMD (true)\n" for n in range(24))
    (logs / "syslog").write_text(cron)

    def status() -> str:
        return next(cause.status for cause in scan(tmp_path).causes if cause.id == "linux-agent-not-running")

    assert status() == "unknown"
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/timezone").write_text("Etc/UTC\n")
    assert status() == "supported"
    (tmp_path / "etc/timezone").write_text("Africa/Johannesburg\n")
    assert status() == "no-evidence"


def test_kinds_of_moments_tell_the_zone_where_nothing_else_does() -> None:
    at = micro("2026-07-01T10:00:05")
    kinds = [([at + 2 * HOUR, at + 5 * HOUR + 12 * MINUTE], [at + 20 * SECOND, at + 3 * HOUR + 12 * MINUTE]), ([at + 7 * MINUTE], [at])]
    assert (settle_zone([], [], [], [], kinds).name, settle_zone([], [], [], [], kinds).basis) == ("UTC+02:00", ALIKE)
    assert settle_zone([], [], ["Asia/Tokyo"], [], kinds).name == "Asia/Tokyo"
    assert settle_zone([at + HOUR], [at], [], [], kinds).name == "UTC+01:00"
    assert settle_zone([], [], [], [], kinds[1:]) == UNKNOWN


ATTEMPT = """[00000006] 2026-03-05T{0}:03Z [INFO]  Beginning enable of plugin Microsoft.Azure.RecoveryServices.VMSnapshot.
[00000006] 2026-03-05T{0}:09Z [ERROR] Enable command of Microsoft.Azure.RecoveryServices.VMSnapshot has exited with Exit code: -1073741819
"""
GOOD = """[00000006] 2026-03-05T01:24:03Z [INFO]  Beginning enable of plugin Microsoft.Azure.RecoveryServices.VMSnapshot.
[00000006] 2026-03-05T01:25:09Z [INFO]  Successfully enabled plugin Microsoft.Azure.RecoveryServices.VMSnapshot.
"""
CRASH = 'Fehler,{0}:08,Application Error,1000,(100),"Name der fehlerhaften Anwendung: IaaSBcdrExtension.exe, Version: 1.0.1.0, Zeitstempel: 0x5f1a8b02\nName des fehlerhaften Moduls: ntdll.dll, Version: 10.0.1.1, Zeitstempel: 0x1\nAusnahmecode: 0xc0000005"\r\n'


@pytest.mark.parametrize(("after", "outcome"), [("", "explained"), (GOOD, "recovered")])
def test_an_export_of_another_zone_beside_the_agents_log(after: str, outcome: str, tmp_path: Path) -> None:
    """A crash that Event Viewer tells an hour later than the agent tells the failed attempt is that attempt's."""
    agent = tmp_path / "WindowsAzure/Logs/WaAppAgent.log"
    agent.parent.mkdir(parents=True)
    hearts = "".join(f"[00000020] 2026-03-05T0{h}:{m:02}:30Z [HEART] WindowsAzureGuestAgent Heartbeat.\n" for h in range(1, 5) for m in range(26, 60, 10))
    agent.write_text(ATTEMPT.format("01:12") + after + hearts)
    (tmp_path / "Anwendung.csv").write_bytes(
        ("\ufeffEbene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\r\n" + CRASH.format("05.03.2026 02:12")).encode()
    )
    report = scan(tmp_path)
    assert report.verdict.outcome == outcome
    assert {entry.clock.zone for entry in report.coverage if entry.source == "Anwendung.csv"} == {"UTC+01:00"}
