"""The journal after every way in which its writing can end."""

from __future__ import annotations

from pathlib import Path

import pytest

from backuptrace.errors import BackuptraceError
from backuptrace.fleet.journal import HEAD, Journal
from backuptrace.fleet.rows import Entry
from backuptrace.report.jsontext import encoded


def entry(key: str, sentence: str = "") -> Entry:
    return Entry(key=key, state="scanned", sentence=sentence)


def written(path: Path, *entries: Entry) -> bytes:
    with Journal(path) as journal:
        for one in entries:
            journal.add(encoded(one))
    return path.read_bytes()


def test_cut_anywhere_it_keeps_the_whole_lines_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    ends = [len(HEAD)]
    for count in range(1, 4):
        path.unlink(missing_ok=True)
        ends.append(len(written(path, *(entry(f"k{n}", "é\n" * n) for n in range(count)))))
    data = path.read_bytes()
    near = {end + step for end in ends for step in range(-9, 10)}
    for cut in sorted(cut for cut in near | set(range(0, len(data), 17)) if 0 <= cut <= len(data)):
        path.write_bytes(data[:cut])
        with Journal(path) as journal:
            assert list(journal.places) == [f"k{n}" for n in range(sum(end <= cut for end in ends[1:]))], cut
            journal.add(encoded(entry("new")))
        with Journal(path) as journal:
            assert journal.damaged == 0
            assert journal.entry("new") == entry("new")


def test_a_damaged_line_in_the_midst_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    data = written(path, entry("a"), entry("b", "some text"), entry("c"))
    at = data.index(b"some")
    path.write_bytes(data[:at] + b"\0\0\0\0" + data[at + 4 :])
    with Journal(path) as journal:
        assert (list(journal.places), journal.damaged) == (["a", "c"], 1)


def test_the_last_line_of_a_key_counts(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, entry("a", "first"), entry("a", "second"))
    with Journal(path) as journal:
        assert journal.entry("a").sentence == "second"


def test_lone_surrogates_of_a_log_do_not_stop_it(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, entry("a", "x\udc80y"))
    with Journal(path) as journal:
        assert journal.entry("a").sentence == "x\ufffdy"


def test_another_file_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text("something of somebody\n")
    with pytest.raises(BackuptraceError, match="not the journal"):
        Journal(path)
    assert path.read_text() == "something of somebody\n"


def test_only_lines_of_this_run_are_kept(tmp_path: Path) -> None:
    """Lines of other runs and damaged ones go; what stays is as it was, and further lines can be added."""
    path = tmp_path / "journal"
    data = written(path, entry("a", "first"), entry("gone", "secret"), entry("b"), entry("a", "second"), entry("hurt", "text"))
    path.write_bytes(data.replace(b"text", b"te\0t"))
    with Journal(path) as journal:
        journal.keep(["a", "b", "hurt", "new"])
        assert journal.entry("a").sentence == "second"
        journal.add(encoded(entry("new")))
    kept = [entry("a", "first"), entry("b"), entry("a", "second"), entry("new")]
    assert [line[9:] for line in path.read_bytes().splitlines()[1:]] == [encoded(one) for one in kept]
    before = path.stat()
    with Journal(path) as journal:
        assert (list(journal.places), journal.damaged) == (["a", "b", "new"], 0)
        journal.keep(["a", "b", "new", "other"])
    assert path.stat().st_ino == before.st_ino, "nothing to do"
    assert sorted(tmp_path.iterdir()) == [path]
