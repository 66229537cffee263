"""What a command at a prompt tells of the output below it: which file is shown, whether somebody chose lines of it, of which machine it is."""

from __future__ import annotations

import re
from typing import NamedTuple

MOST = 500
"""Characters of a command that are looked at."""
_LEAD = re.compile(r"^(?:(?:sudo(?: -[A-Za-z]+)*|time|nohup|command|&|[A-Z_]+=\S*|(?:cmd(?:\.exe)? )?/[ck]) +)+")
_FOLDER = re.compile(r"^[\"']?(?:[A-Za-z]:|~|\.{1,2})?[\\/](?:[^\\/\s]+[\\/])*(?=[\w.-])")
_EXE = re.compile(r"^([\w.-]+?)\.exe[\"']?(?= |$)", re.IGNORECASE)
_CHAIN = re.compile(r"\s*(?:;|&&|\|\|)\s*")
_ASIDE = re.compile(r"^(?:cd|pushd|date|clear|cls|echo|printf|Set-Location|sl|sleep|chcp|true)\b", re.IGNORECASE)
"""Commands that print nothing of interest before another one."""
_SHOWS = re.compile(r"^(?:cat|zcat|tail|head|less|more|type|gc|Get-Content|e?grep|zgrep|awk|sed|findstr|find|Select-String|sls)(?= |$)", re.IGNORECASE)
_CHOOSES = re.compile(
    r"^(?:e?grep|zgrep|awk|sed|findstr|find|Select-String|sls|Where-Object|where|\?|uniq|sort|cut)(?= |$)"
    r"|^journalctl .*(?:-p|--priority|-g|--grep)(?:[ =]|$)| -(?:Pattern|First)\b",
    re.IGNORECASE,
)
"""Programs that leave out lines, and options that do."""
_OPTION = re.compile(r"[-+]|/[A-Za-z](?::|$)|[0-9]*[<>]|[0-9]+$")
"""Options, numbers that belong to them, and where the output goes."""
_CMDLET = re.compile(r"(?:gc|sls|Get-Content|Select-String)$", re.IGNORECASE)
_BEGINS = re.compile(r"^(?:head|.* -(?:TotalCount|Head|First))\b", re.IGNORECASE)
"""What shows the begin of a file: nothing behind it is known."""
_ELSEWHERE = re.compile(
    r"^(?:ssh|docker|podman|kubectl|lxc|nsenter|chroot|psexec|winrs|Invoke-Command|icm)\b|^sc \\\\|^(?:Get|gwmi|gsv)\S* .*-(?:ComputerName|CimSession|cn) ",
    re.IGNORECASE,
)
"""Commands whose output is of another machine, or of another system on this one."""


class Command(NamedTuple):
    """text: the program and its arguments, without what stands before the program; shown: the path of the file whose lines it prints, "" for none;
    several: it is a chain of which no part is known to have printed the output; chosen: lines were left out; begin: only the first ones are there.
    """

    text: str
    shown: str = ""
    several: bool = False
    chosen: bool = False
    begin: bool = False
    elsewhere: bool = False


def understood(typed: str) -> Command:
    """What a line that was typed says. Never fails: what is not understood is a command whose output may be anything."""
    parts = [part for part in map(_bare, _CHAIN.split(typed.strip()[:MOST])) if part and not _ASIDE.match(part)]
    if len(parts) != 1:
        return Command(" ; ".join(parts), several=True, elsewhere=any(_ELSEWHERE.match(part) for part in parts))
    stages = [_bare(stage) for stage in parts[0].split("|")]
    first = stages[0]
    return Command(
        first,
        _path(first) if _SHOWS.match(first) else "",
        chosen=any(_CHOOSES.search(stage) for stage in stages),
        begin=any(_BEGINS.match(stage) for stage in stages),
        elsewhere=_ELSEWHERE.search(first) is not None,
    )


def _bare(command: str) -> str:
    """Without sudo, variables, the folder and the suffix of the program."""
    return _EXE.sub(r"\1", _FOLDER.sub("", _LEAD.sub("", command.strip()))).strip()


def _path(command: str) -> str:
    """The file among the arguments, as a path below the root. Several files, none, and what reads like a sentence are "?": a path of no format."""
    program, *words = re.findall(r"\"[^\"]*\"|'[^']*'|\S+", command)
    words = [word.strip("\"'") for word in words if not _OPTION.match(word)]
    if _CMDLET.match(program):  # its options have values that are words
        words = [word for word in words if re.search(r"[\\/]", word)]
    elif _CHOOSES.match(program):
        words = words[1:]
    if len(words) != 1 or not re.search(r"[\\/.]", words[0]) or re.search(r"[\s^$]", words[0]):
        return "?"
    return re.sub(r"^[A-Za-z]:", "", words[0]).replace("\\", "/").lstrip("~/").rstrip("*") or "?"
