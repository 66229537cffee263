"""A script that gathers what a bundle lacks: plain commands, to be read before they are run. Made from the takes of `knowledge.collecting`.

Files get names by which a scan recognises them: what `cat` prints stands under its own path, other output in `commands/`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from backuptrace.knowledge.collecting import Take, Target
from backuptrace.knowledge.texts import Language
from backuptrace.report.phrases import Tongue, tongue
from backuptrace.report.safe import safe_line

PRIVATE = ("*.prv", "*.pem", "*.p7m", "*.pfx", "*.p12", "*.key", "*.crt", "*.cer", "Certificates.xml", "*secret*")
"""Names of files with keys, certificates and secrets: no archive takes them."""
SECONDS = 120
"""A command that takes longer is ended."""
LONGEST = 60
"""Characters of a file's name that is made of its command."""
WIDTH = 4096
"""Columns of PowerShell's output, so that it cuts nothing off."""
_SUDO = re.compile(r"\bsudo ")
_FILE = re.compile(r"cat (/[\w./-]+)")
_PLACE = re.compile(r"AzureBackupRG_<Geo>_<number>|AzureBackup_<vm>_<number>|<[a-z][a-z-]*>")
_NAMES = {"AzureBackupRG_<Geo>_<number>": "restore_point_group", "AzureBackup_<vm>_<number>": "restore_point_collection"}


def script(takes: Sequence[Take], target: Target, language: Language) -> str:
    """The text of a script for `sh` (linux, azure) or PowerShell (windows), with a final line end."""
    speak = tongue(language)
    lines = {"linux": _linux, "windows": _windows, "azure": _azure}[target](takes, speak)
    return "\n".join(lines) + "\n"


def _linux(takes: Sequence[Take], speak: Tongue) -> list[str]:
    out = ["#!/bin/sh", *_head(speak, "linux"), "set -u", "umask 077"]
    out += [f"TAR_OPTIONS={shlex.quote(' '.join(f'--exclude={name}' for name in PRIVATE))}", "export TAR_OPTIONS"]
    out += ["LC_ALL=C.UTF-8", "export LC_ALL", *_folder()]
    out += [f'[ "$(id -u)" -eq 0 ] || echo {shlex.quote(speak.say("script.not-root"))} >&2', ""]
    out += ["take() { # FILE COMMAND", '    echo "+ $2" >&2', '    mkdir -p "$(dirname "$1")"']
    out += [f'    timeout {SECONDS} sh -c "$2" >"$1" 2>>collect-errors.txt </dev/null || echo "$?: $2" >>collect-errors.txt']
    out += ['    [ -s "$1" ] || rm -f "$1"', "}"]
    used: set[str] = set()
    for take in takes:
        command = _SUDO.sub("", take.command)
        path = _FILE.fullmatch(command)
        name = path[1].lstrip("/") if path else _unused(f"commands/{_slug(command)}", ".txt", used)
        out += ["", *_told(take, speak), f"take {shlex.quote(name)} {shlex.quote(command)}"]
    return [*out, *_packed()]


def _azure(takes: Sequence[Take], speak: Tongue) -> list[str]:
    wanted = dict.fromkeys(_variable(found) for take in takes for found in _PLACE.findall(take.command))
    out = ["#!/bin/sh", *_head(speak, "azure"), "set -u", "umask 077", f"# {speak.say('script.fill-in')}"]
    out += [f"{name}=${{{name}-}}  # {speak.word('script.value', name)}" for name in wanted]
    out += [*_folder(), "", "take() { # FILE COMMAND...", "    file=$1", "    shift", '    echo "+ $*" >&2']
    out += ['    "$@" >"$file" 2>>collect-errors.txt </dev/null || echo "$?: $*" >>collect-errors.txt', '    [ -s "$file" ] || rm -f "$file"', "}"]
    used: set[str] = set()
    for take in takes:
        names = dict.fromkeys(_variable(found) for found in _PLACE.findall(take.command))
        command = _PLACE.sub(lambda found: f'"${_variable(found[0])}"', take.command)
        command = command if " -o " in command else f"{command} -o json"
        file = _unused("-".join(_verb(take.command)), ".json", used)
        test = " && ".join(f'[ -n "${name}" ]' for name in names)
        out += ["", *_told(take, speak), f"{test} && take {file} {command}" if test else f"take {file} {command}"]
    return [*out, *_packed()]


def _windows(takes: Sequence[Take], speak: Tongue) -> list[str]:
    out = [*_head(speak, "windows"), "$ErrorActionPreference = 'Continue'"]
    out += ["$out = Join-Path (Get-Location) ('backuptrace-' + $env:COMPUTERNAME + '-' + (Get-Date).ToUniversalTime().ToString('yyyyMMddTHHmmssZ'))"]
    out += ["New-Item -ItemType Directory -Path $out | Out-Null", "Push-Location $out", ""]
    out += ["function Take($File, [scriptblock]$Command) {", '    Write-Host "+ $Command"', "    try {"]
    out += [f"        & $Command 2>> collect-errors.txt | Out-String -Width {WIDTH} -Stream | Set-Content -Encoding UTF8 -Path $File"]
    out += ['    } catch { Add-Content -Path collect-errors.txt -Value "$Command : $_" }', "}"]
    used: set[str] = set()
    for take in takes:
        out += ["", *_told(take, speak), f"Take '{_unused(_slug(take.command), '.txt', used)}' {{ {take.command} }}"]
    out += ["", "Pop-Location", 'Compress-Archive -Path $out -DestinationPath "$out.zip"', 'Write-Host "backuptrace scan $out.zip"']
    return out


def _head(speak: Tongue, target: Target) -> list[str]:
    lines = ("script.head", "script.read-only", "script.private", "script.secrets", f"script.run-{target}")
    return [f"# {speak.say(key)}" for key in lines]


def _folder() -> list[str]:
    return ['out="$PWD/backuptrace-$(hostname)-$(date -u +%Y%m%dT%H%M%SZ)"', 'mkdir "$out" && cd "$out" || exit 1']


def _packed() -> list[str]:
    return ["", 'cd .. && tar czf "$out.tar.gz" "$(basename "$out")" && echo "backuptrace scan $out.tar.gz"']


def _told(take: Take, speak: Tongue) -> list[str]:
    """What the command gets and which causes it tells about, as a comment."""
    what = safe_line(speak.text(take.what))
    return [f"# {speak.say('script.tells', what=what, causes=', '.join(take.causes)) if take.causes else what}"]


def _variable(place: str) -> str:
    return _NAMES.get(place) or place.strip("<>").replace("-", "_")


def _verb(command: str) -> list[str]:
    """`az vm extension list` without its options."""
    words = command.split()
    end = next((n for n, word in enumerate(words) if word.startswith("-")), len(words))
    return words[:end]


def _slug(command: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", command)[:LONGEST].strip("-")


def _unused(name: str, suffix: str, used: set[str]) -> str:
    """The name, with a number if it was given already."""
    number = 1
    while (made := f"{name}{f'-{number}' if number > 1 else ''}{suffix}") in used:
        number += 1
    used.add(made)
    return made
