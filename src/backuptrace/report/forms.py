"""The forms that a report can be written in, by the suffix of the file; one function for whoever writes reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line asks for the names below without reading a report
    from backuptrace.report.document import Report

SUFFIXES = {
    ".txt": "text",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".md": "md",
    ".markdown": "md",
    ".csv": "csv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
}
"""Suffix in small letters -> form."""
FORMS = tuple(dict.fromkeys(SUFFIXES.values()))
BINARY = frozenset({"parquet"})
"""Forms that are no text."""


def written(report: Report, form: str, *, width: int = 80, show_all: bool = False) -> bytes:
    """The bytes of the file; the same report gives the same bytes. `width` and `show_all` concern text only.

    Raises KeyError for an unknown form, BackuptraceError where a form needs a package that is not installed.
    """
    if form == "text":
        from backuptrace.report.text import render

        return render(report, width=width, show_all=show_all).encode()
    if form == "json":
        from backuptrace.report.jsontext import json_bytes

        return json_bytes(report)
    if form == "html":
        from backuptrace.report.html import render as to_html

        return to_html(report).encode()
    if form == "md":
        from backuptrace.report.markdown import render as to_markdown

        return to_markdown(report).encode()
    if form == "jsonl":
        from backuptrace.report.timesketch import to_jsonl

        return to_jsonl(report).encode()
    from backuptrace.report import tables

    return {"csv": tables.to_csv, "parquet": tables.to_parquet}[form](report)
