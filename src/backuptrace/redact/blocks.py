"""Secrets that are blocks: PEM, PuTTY keys, runs of base64 over several lines, JSON objects behind a name."""

from __future__ import annotations

import base64
import re
from collections import deque
from collections.abc import Iterator

from backuptrace.redact import kinds
from backuptrace.redact.kinds import WRITTEN, Found
from backuptrace.redact.rules import PASSWORDS
from backuptrace.redact.values import identity, random

_BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,60})-----")
_END = re.compile(r"-----END ([A-Z0-9 ]{1,60})-----")
_LINE, _GAP, _PAG = r"[A-Za-z0-9+/=]", r"(?:\s|\\+[nrt])", r"(?:\s|[nrt]\\+)"
_HEADER = r"(?:Proc-Type|DEK-Info|Comment|Version): ?[\w ,.:-]{1,100}"
_OPEN_BODY = re.compile(rf"{_GAP}*(?:(?:{_HEADER}|{_LINE}{{40,}})(?:{_GAP}+|$))*{_LINE}*")
_BODY_BACK = re.compile(rf"{_PAG}*{_LINE}*(?:{_PAG}+{_LINE}{{40,}})*(?:{_PAG}+{_LINE}+)?")
"""Whole lines, and the one that was cut; the second one reads backwards."""
MOST_CUT = 16_384
"""Characters before the end of a block whose beginning was cut off."""
_MARGIN = re.compile(r"(?:\s|\\+[nrt])*")
_PUTTY = re.compile(r"Private-Lines: \d{1,4}\s+([A-Za-z0-9+/=\s]{16,})")
_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{40,}={0,2}")
_OF_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}|\\(?:[nrt]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})")
_MORE_LINES = re.compile(r"(?:\r?\n[ \t]{0,16}[A-Za-z0-9+/_-]+={0,2}(?=\s|[<\"'\\]|$))+")
_KEY_FORM = re.compile(r"[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==")
_DIGEST = re.compile(r"sha-?(?:256|384|512)\S{0,3}\s?$", re.IGNORECASE)
SURE = 60
"""Characters from which a run that begins as DER does is a blob whatever it looks like."""
_OBJECT = re.compile(rf"(?:(protectedSettings)|(custom-?data|user-?data)|{PASSWORDS})[\"']?\s{{0,4}}[:=]\s{{0,4}}(?=[{{\[])", re.IGNORECASE)
_OBJECT_WORDS = ("protectedsettings", "custom", "user", "pass", "pwd", "pswd", "kennwort")
"""One of them stands in every match."""
_STRING_OR_BRACKET = re.compile(r"\"[^\"\\]*(?:\\.[^\"\\]*)*\"?|[{}\[\]]", re.DOTALL)


def blocks(text: str) -> Iterator[Found]:
    """Every such secret in one view, in no order."""
    if "-----" in text:
        yield from _pem(text)
    if "Private-Lines" in text:
        yield from (Found(*found.span(1), kinds.PRIVATE_KEY) for found in _PUTTY.finditer(text))
    yield from _runs(text)
    if ("{" in text or "[" in text) and any(word in text.lower() for word in _OBJECT_WORDS):
        yield from _objects(text)


def _pem(text: str) -> Iterator[Found]:
    """The bodies; the lines that say BEGIN and END stay."""
    begins = list(_BEGIN.finditer(text))
    ends = list(_END.finditer(text))
    headless = deque(ends)
    for n, begin in enumerate(begins):
        while headless and headless[0].start() < begin.end():
            yield from _headless(text, headless.popleft(), begins[n - 1].end() if n else 0)
        limit = begins[n + 1].start() if n + 1 < len(begins) else len(text)
        if headless and headless[0].start() < limit:
            stop = headless.popleft().start()
        else:
            body = _OPEN_BODY.match(text, begin.end(), limit)
            stop = body.end() if body else limit
        yield from _body(text, begin.end(), stop, begin[1])
    for end in headless:
        yield from _headless(text, end, begins[-1].end() if begins else 0)


def _headless(text: str, end: re.Match[str], floor: int) -> Iterator[Found]:
    """What stands before an END whose BEGIN was cut off."""
    low = max(floor, end.start() - MOST_CUT)
    back = _BODY_BACK.match(text[low : end.start()][::-1])
    if back is not None:
        yield from _body(text, end.start() - back.end(), end.start(), end[1])


def _body(text: str, start: int, stop: int, label: str) -> Iterator[Found]:
    margin = _MARGIN.match(text, start, stop)
    start = margin.end() if margin else start
    bare = text[start:stop].rstrip(" \t\r\n")
    while bare.endswith(("\\n", "\\r")):
        bare = bare[:-2].rstrip("\\ ")
    if not bare.strip("\\") or WRITTEN.fullmatch(bare):
        return
    kind = kinds.PRIVATE_KEY if "PRIVATE" in label else kinds.CERTIFICATE if "CERTIFICATE" in label else kinds.PFX if "PKCS" in label else kinds.BLOB
    yield Found(start, start + len(bare), kind)


def _runs(text: str) -> Iterator[Found]:
    done = 0
    while (run := _RUN.search(text, done)) is not None:
        done = run.end()
        begin = run.start()
        escape = _OF_ESCAPE.match(text, max(begin - 1, 0))
        begin = escape.end() if escape else begin
        value = text[begin:done]
        kind = form(value)
        if kind is None:
            if not random(value) or _DIGEST.search(text, max(0, begin - 16), begin):
                continue
            kind = kinds.KEY if _KEY_FORM.fullmatch(value) else kinds.BLOB
        more = _MORE_LINES.match(text, done) if len(value) >= SURE else None
        done = more.end() if more else done
        yield Found(begin, done, kind)


def form(value: str) -> str | None:
    """What the first bytes of base64 say: private key, PFX, settings encrypted for a certificate, certificate; None: nothing that is known."""
    if value.startswith("b3BlbnNzaC1rZXktdjE"):
        return kinds.PRIVATE_KEY
    if not value.startswith("MI") or len(value) < SURE:
        return None
    head = base64.b64decode(identity(value[:40]).ljust(40, "A"))
    at = 2 + (head[1] & 0x7F if head[1] & 0x80 else 0)
    first, rest = head[at : at + 3], head[at + 3 :]
    if first == b"\x02\x01\x03":
        return kinds.PFX
    if first in {b"\x02\x01\x00", b"\x02\x01\x01"}:
        return kinds.PRIVATE_KEY
    if first[:1] == b"\x30":
        encrypted = head[at + 2 :].startswith(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05")
        return kinds.PRIVATE_KEY if encrypted else kinds.CERTIFICATE
    if first[:2] == b"\x06\x09" and rest[:7] == b"\x86\x48\x86\xf7\x0d\x01\x07":
        return kinds.PROTECTED
    return None


def _objects(text: str) -> Iterator[Found]:
    done = 0
    while (name := _OBJECT.search(text, done)) is not None:
        stop = _closed(text, name.end())
        done = max(stop, name.end())
        inner = text[name.end() + 1 : stop - 1].strip()
        if inner and ('"' in inner or "'" in inner) and not WRITTEN.fullmatch(text[name.end() : stop]):
            yield Found(name.end(), stop, kinds.PROTECTED if name[1] else kinds.CUSTOM_DATA if name[2] else kinds.PASSWORD)


def _closed(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; the end of the text where none does."""
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text, start):
        if found[0] in "{[":
            depth += 1
        elif found[0] in "}]":
            depth -= 1
            if depth == 0:
                return found.end()
    return len(text)
