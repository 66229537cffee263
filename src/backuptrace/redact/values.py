"""What a value looks like: a placeholder that hides nothing, something opaque, a path or address."""

from __future__ import annotations

import base64
import binascii
import re
from itertools import pairwise

from backuptrace.redact.kinds import WRITTEN
from backuptrace.redact.layers import plain

_PLACEHOLDER = re.compile(
    r"""
      [*\s.…•#_-]*                                            # stars, dashes, nothing
    | [*\s]*(?:redacted|hidden|masked|removed|secret\s+removed)[*\s]* | <[^<>]{0,60}> | \[[^\[\]]{0,60}\] | \(\w*\) | [xX]+
    | \$\{?\w+\}? | \$\([^()]*\) | \$env:\w+ | %\w+% | %[sdr] | \{\{?[\w\s.]*\}?\} | @\{?\w+\}
    | 0x[0-9a-f]{1,16} | y | n | null | none | nil | nothing | undefined | unset | not\sset | empty | n/a | true | false | yes | no
    | never | always | optional | required | default
    | expired | enabled | disabled | invalid | missing | unknown | incorrect | wrong | failed | failure | error | ok
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PATH = re.compile(r"(?:[A-Za-z]:[\\/]|\.{0,2}/|~/|\\\\)[^\s\"'<>|*?]*")
_ROOT = re.compile(r"(?:[A-Za-z]:[\\/]|\.{0,2}/(?:bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)(?:/|$)|~/|\\\\)")
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")
_FILE = re.compile(r"[\w.-]+\.(?:pem|key|crt|cer|pfx|p7[bm]|prv|pub|xml|json|ya?ml|conf|cfg|ini|txt|log|ps1|sh|exe|dll)", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?")
_ANY_GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_NAMEABLE = re.compile(r"[\d.:/TZ+\s-]*|[0-9A-Fa-f]+|0x[0-9A-Fa-f]+|[A-Za-z]+|[\w.-]+\.(?:[A-Za-z]{2,6}|\d+)")
"""Versions, addresses, times, hexadecimal numbers and thumbprints, words, names of hosts and files."""
_CLASSES = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789")
_KIND_OF_CHAR = str.maketrans({char: str(number) for number, chars in enumerate(_CLASSES) for char in chars} | dict.fromkeys("+/_-=", "3"))
LEAST_DISTINCT = 8


def placeholder(value: str) -> bool:
    """Whether the value hides nothing: empty, stars, `<redacted>`, a variable, `null`, a token of ours."""
    value = value.strip()
    return _PLACEHOLDER.fullmatch(value) is not None or WRITTEN.fullmatch(value) is not None


def place(value: str) -> bool:
    """Whether the value is the path of a file or an address, in which a secret has a name of its own."""
    if _ADDRESS.match(value) or _FILE.fullmatch(value):
        return True
    return _PATH.fullmatch(value) is not None and (_ROOT.match(value) is not None or _SUFFIX.search(value) is not None)


def guid(value: str) -> bool:
    """Whether it is a GUID, which names things."""
    return _GUID.fullmatch(value) is not None


def opaque(value: str, least: int = 8) -> bool:
    """Whether the value is a string that nobody would write as a word: long enough, with digits or signs among the letters."""
    return len(value) >= least and not value.isalpha() and any(char.isalnum() for char in value)


def random(run: str) -> bool:
    """Whether a run of 40 or more base64 characters is data and no name or path: all classes, changing often between signs that stand far apart."""
    run = _ANY_GUID.sub("", run)
    if len(run) < 40 or run[:6].lower() in {"sha256", "sha384", "sha512"}:
        return False
    classes = run.translate(_KIND_OF_CHAR)
    counts = [classes.count(digit) for digit in "012"]
    if min(counts) < 2 or min(counts[:2]) * 12 < len(run):
        return False
    pairs = [a != b for a, b in pairwise(classes) if "3" not in (a, b)]
    return sum(pairs) >= 0.42 * len(pairs) and max(map(len, classes.split("3"))) >= 12


def distinct(value: str) -> bool:
    """Whether the value is so special that it means the secret wherever it stands."""
    value = value.strip()
    return len(value) >= LEAST_DISTINCT and not (_NAMEABLE.fullmatch(value) or placeholder(value) or place(value) or guid(value))


def identity(value: str) -> str:
    """The same for all encodings of a secret: escapes undone, base64 in one alphabet, without padding."""
    value = plain(value).strip()
    if " " not in value:
        value = re.sub(r"\s+", "", value)
        if re.fullmatch(r"[A-Za-z0-9+/_-]+=*", value):
            value = value.rstrip("=").replace("-", "+").replace("_", "/")
    return value


def user_and_password(encoded: str) -> tuple[str, str] | None:
    """What the value of HTTP's basic authentication holds; None where it is something else."""
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        user, colon, password = raw.decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon and (user + password).isprintable() else None
