"""Secrets that a name, a sign or their own form gives away, as patterns on one view of a text.

Every pattern is linear: what repeats is one class of characters, or bounded. A pattern is tried only where the lower-case text holds one of its words.
Sources of the names: the agent and extension logs and files of the VM, connection strings of Azure, .NET and ODBC, options of usual commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from backuptrace.redact import kinds
from backuptrace.redact.kinds import Found
from backuptrace.redact.values import guid, opaque, place, placeholder, user_and_password

Accept = Callable[[re.Match[str], str, str], bool]
"""(match, name of the group, value) -> whether it is a secret."""

_END = r"(?:[_-]?(?:hash|text|value|plain(?:text)?|clear|base64|b64|enc(?:rypted)?|\d{1,2}))?"
_IS = r"[\"'\])]{0,3}[ \t]{0,8}(?::=|=>|=(?![=~])|:(?!:))[ \t]{0,8}"
"""Between a name and its value, in JSON, YAML, INI, code and prose."""
_QUOTED = r"""(?:[uUbBrR]?"(?P<q1>[^"\\\n]*(?:\\.[^"\\\n]*)*)|[uUbBrR]?'(?P<q2>[^'\\\n]*(?:\\.[^'\\\n]*)*))"""
_BARE = (
    r"""(?!\\+["'/]|&(?:quot|apos|lt|gt|amp|\#\w{1,6});|%(?:25)*(?:22|27|3C)|\\+u00(?:22|27|3c)|[uUbB]?["']|[\[{](?:["'\\\s]|$))"""
    r"""(?P<bare>(?:[^\s"'<&;,\\]|\\(?!["'])|["'](?=\w)|&(?!\w{1,40}=|(?:lt|gt|quot|amp|apos|nbsp|\#\w{1,6});)"""
    r"""|;(?!\s|$|["'\\]|[\w .-]{1,40}=)|,(?!\s|$|["'\\]|[\w.-]{1,40}[=:]))+)"""
)
"""A value without quotes: up to a blank, a quote, or a separator behind which the next name stands."""
_VALUE = rf"(?:{_QUOTED}|{_BARE})"
_TRAILING = ",.)]}>\\"
_PROSE = {"is", "option", "was", "not", "and", "or", "to", "for", "given", "from", "argument"}
"""Words that stand behind the name of an option where a sentence speaks of it."""
_SOURCES = ("pass:", "env:", "file:", "fd:", "stdin")
"""How openssl is told where a password comes from; the first is followed by it and has a rule of its own."""
_PORTS = re.compile(r"\d+(?::\d+)*(?:/\w+)?")
PASSWORDS = r"(?:pass(?:word|wort|wd|phrase|code)|kennwort|passwd|pswd|(?<![a-z])pwd|pwd(?=[\"']?[ \t]*[=:]))"
_OF_KEYS = (
    r"(?:account|access|storage|shared|primary|secondary|master|encryption|decryption|signing|subscription|functions?|api|client|app|private|service"
    r"|management|license|product|recovery|workspace|symmetric|auth|vault|dest|source|root|admin)[\s_-]?(?:account[\s_-]?)?(?:access[\s_-]?)?"
)
KEYS = rf"(?:{_OF_KEYS}(?:key|secret)|(?<![a-z])secret(?:[\s_-]?(?:access[\s_-]?)?key)?)"
_BEFORE_KEY = re.compile(rf"{_OF_KEYS}\Z", re.IGNORECASE)
_LONGEST_BEFORE = 36
TOKENS = r"(?<!publickey)(?<!cancellation)token"


class Rule(NamedTuple):
    """`find` has the secret in one of its groups q1, q2, bare or v. sign: what stands in every match and is found more quickly, "" where nothing does."""

    kind: str
    words: tuple[str, ...]
    pattern: str
    accept: Accept
    sign: str

    @property
    def find(self) -> re.Pattern[str]:
        """Made when a text holds one of the words: few texts do."""
        return _compiled(self.pattern)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _rule(kind: str, words: str, pattern: str, accept: Accept | None = None, sign: str = "") -> Rule:
    return Rule(kind, tuple(words.split()), pattern, accept or _any, sign)


def _any(found: re.Match[str], group: str, value: str) -> bool:
    del found, group, value
    return True


def _opaque(least: int) -> Accept:
    return lambda _found, _group, value: opaque(value, least)


def _password(found: re.Match[str], group: str, value: str) -> bool:
    """`PWD=/var/lib` of an environment is a folder, `;Pwd=/...` of a connection string none."""
    del group
    folder = value.startswith("/") or value[1:2] == ":"
    return not (folder and found[0][:3].lower() == "pwd" and found.string[max(found.start() - 1, 0) : found.start()] != ";")


def _key(found: re.Match[str], group: str, value: str) -> bool:
    if place(value):
        return False
    sure = group != "bare" or "=" in found[0][: found.start(group) - found.start()]
    return len(value) >= 4 if sure else opaque(value)


def _named_key(found: re.Match[str], group: str, value: str) -> bool:
    """`secret` alone says it, `key` only with what it is a key to."""
    text, start = found.string, found.start()
    alone = found[0][:1] in "sS" and not text[max(start - 1, 0) : start].isalpha()
    return (alone or _BEFORE_KEY.search(text, max(start - _LONGEST_BEFORE, 0), start) is not None) and _key(found, group, value)


def _token(found: re.Match[str], group: str, value: str) -> bool:
    del found
    if place(value) or guid(value) or value.lower().startswith("0x") or "sig=" in value.lower() or "=" in value[:4]:
        return False
    return opaque(value, 12) if group == "bare" else opaque(value, 6)


def _custom(found: re.Match[str], group: str, value: str) -> bool:
    del found
    return not place(value) and (group != "bare" or opaque(value, 12))


def _flag(found: re.Match[str], group: str, value: str) -> bool:
    del found, group
    return not _PORTS.fullmatch(value) and not value.lower().startswith(_SOURCES) and not value.startswith("-") and value.lower() not in _PROSE


def _basic(found: re.Match[str], group: str, value: str) -> bool:
    del found, group
    return user_and_password(value) is not None


def _sas(found: re.Match[str], group: str, value: str) -> bool:
    """`sig=11` of an audit record is the number of a signal."""
    del group
    return len(value) >= 16 or found.string[max(found.start() - 1, 0) : found.start()] in {"?", "&", ";", '"', "'"}


def _tail(found: re.Match[str], group: str, value: str) -> bool:
    """What a cut left of a secret whose name is gone."""
    del found, group
    return any(map(str.isupper, value)) and any(map(str.islower, value)) and any(map(str.isdigit, value))


def _element(names: str) -> str:
    """An XML element of one of the names, to its end or to where the text was cut."""
    return rf"<(?!{_OURS}-\d)(?:[\w.-]{{1,40}}:)?[\w.-]{{0,40}}?{names}{_END}(?:\s[^<>]{{0,400}})?(?<!/)>(?:\s*<!\[CDATA\[(?P<q1>[^\]]*)|(?P<v>[^<]*))"


def _attributed(names: str) -> str:
    """A name and its value as two attributes or keys: `name="x" value="y"`, `"name": "x", ... "value": "y"`, `<Data Name="x">y<`."""
    head = rf"(?:name|key|id)[\"']?\s{{0,4}}[=:]\s{{0,4}}[\"'][\w .:-]{{0,60}}?{names}{_END}[\"']"
    return rf"{head}(?:\s*>(?P<v>[^<]*)|[^<>{{}}\n]{{0,200}}?[\s\"',]value[\"']?\s{{0,4}}[=:]\s{{0,4}}{_QUOTED})"


_OURS = f"(?:{'|'.join(kinds.KINDS)})"
_GLUED = r"(?:sshpass|mysql\w*|mariadb|7za?)(?:\.exe)?"
_APART = r"(?:az|psexec|zip|unzip|docker\s+login|podman\s+login|schtasks|cmdkey|sqlcmd|osql|bcp|xfreerdp)(?:\.exe)?"
"""Commands that take a password behind `-p`: in the same word, or in the next one."""
_WORD = r"""(?:"(?P<q1>[^"\n]*)|'(?P<q2>[^'\n]*)|(?P<bare>[^\s"'<]+))"""
_SCHEMES = r"(?:basic|bearer|sharedkey(?:lite)?|ntlm|negotiate|digest)"

RULES = (
    _rule(kinds.PROTECTED, "protectedsettings", rf"protectedSettings{_IS}{_VALUE}"),
    _rule(kinds.PROTECTED, "protectedsettings", _element("protectedSettings")),
    _rule(kinds.CUSTOM_DATA, "customdata userdata user_data user-data", rf"(?:customdata|user[_-]?data){_IS}{_VALUE}", _custom),
    _rule(kinds.CUSTOM_DATA, "customdata userdata", _element("(?:CustomData|UserData)")),
    _rule(kinds.PARAMETERS, "scriptparam", rf"(?:pre|post)ScriptParam(?:eter)?s?{_IS}(?:\[(?P<v>[^\]\n]*)|{_VALUE})"),
    _rule(kinds.SAS, "sig", r"(?<![a-z0-9])sig=(?P<v>(?:[\w+/.~-]|%(?:25)*2[bf])+(?:=|%(?:25)*3d){0,2})", _sas),
    _rule(kinds.SAS, "sig", rf"(?<![a-z0-9])sig(?:nature)?{_IS}[\"'](?P<v>[\w+/%.~-]{{16,}}={{0,2}})"),
    _rule(kinds.PASSWORD, "pass pwd pswd kennwort", rf"{PASSWORDS}{_END}{_IS}{_VALUE}", _password),
    _rule(kinds.PASSWORD, "pass pwd pswd kennwort", rf"{PASSWORDS}[ \t]{{1,4}}(?:\"(?P<q1>[^\"\n]+)|'(?P<q2>[^'\n]+))"),
    _rule(kinds.PASSWORD, "pass pwd pswd kennwort", _element(PASSWORDS)),
    _rule(kinds.PASSWORD, "pass pwd pswd kennwort", _attributed(PASSWORDS)),
    _rule(kinds.PASSWORD, "pass pwd pswd kennwort", rf"{PASSWORDS}{_END}[ \t]+REG_(?:MULTI_|EXPAND_)?SZ[ \t]+(?P<v>[^\n]+)"),
    _rule(kinds.KEY, "key secret", rf"(?:key|secret){_END}{_IS}{_VALUE}", _named_key),
    _rule(kinds.KEY, "key secret", _element(KEYS)),
    _rule(kinds.KEY, "key secret", _attributed(KEYS)),
    _rule(kinds.TOKEN, "token", rf"{TOKENS}{_END}{_IS}{_VALUE}", _token),
    _rule(kinds.TOKEN, "token", _element(TOKENS), _token),
    _rule(kinds.TOKEN, "token", _attributed(TOKENS), _token),
    # headers
    _rule(kinds.PASSWORD, "basic", r"(?<!\w)basic\s{1,4}(?P<v>[A-Za-z0-9+/_-]{4,}={0,2})", _basic),
    _rule(kinds.TOKEN, "bearer", r"(?<!\w)bearer\s{1,4}(?P<v>[\w.~+/-]{10,}={0,2})", _opaque(10)),
    _rule(kinds.KEY, "sharedkey", r"(?<!\w)SharedKey(?:Lite)?\s{1,4}[\w-]{1,64}:(?P<v>[\w+/-]{10,}={0,2})"),
    _rule(kinds.TOKEN, "ntlm negotiate", r"(?<!\w)(?:NTLM|Negotiate|Kerberos)\s{1,4}(?P<v>[A-Za-z0-9+/]{16,}={0,2})", _opaque(16)),
    _rule(kinds.TOKEN, "authorization", rf"authorization{_IS}[\"']?(?!{_SCHEMES}\b)(?P<v>[^\s\"'<,;][^\"'<\n\r]*)", _token),
    _rule(kinds.HASH, "digest", r"(?<!\w)digest\s[^\n]{0,600}?\bresponse=\"?(?P<v>[0-9a-f]{16,})"),
    _rule(kinds.TOKEN, "cookie", rf"(?<![a-z])(?:set-)?cookie{_IS}[\"']?(?P<v>[\w.-]{{1,80}}=[^\s\"'<;]{{4,}}(?:; ?[^\s\"'<;]+)*)"),
    _rule(kinds.KEY, "x-ms-encryption-key", r"x-ms-encryption-key[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<v>[\w+/=-]{16,})"),
    # addresses
    _rule(kinds.PASSWORD, "://", r"://[^\s/@:\"'<>]{0,128}:(?P<v>[^\s/\"'<>]{1,256})@"),
    _rule(kinds.TOKEN, "://", r"://(?P<v>[^\s/@:\"'<>]{20,256})@", _opaque(20)),
    _rule(kinds.PASSWORD, "proxy", rf"proxy[\w.]{{0,30}}{_IS}[\"']?[\w.\\-]{{1,64}}:(?P<v>[^\s/\"'<>]{{1,256}})@"),
    _rule(kinds.PASSWORD, "@", r"\A\s*[\w.\\-]{1,64}:(?P<v>[^\s/\"'<>@:]{1,128})@[\w.-]{1,128}(?::\d{1,5})?/?\s*\Z"),
    # commands
    _rule(
        kinds.PASSWORD,
        "-pass -pw -pwd -passwd /pass /pw password",
        rf"(?<![\w-])(?:--?|/)(?:[\w-]{{0,40}}-)?(?:user|admin|sql|db|proxy|http|ftp|rp)?(?:password|passwd|passphrase|pass|pwd|pw)(?:[:=]|[ \t]+){_WORD}",
        _flag,
    ),
    _rule(kinds.KEY, "-key -secret key:", rf"(?<![\w-])(?:--?|/)(?:[\w-]{{0,40}}-)?(?:{KEYS}|key):?(?:[:=]|[ \t]+){_WORD}", _key),
    _rule(kinds.TOKEN, "-token", rf"(?<![\w-])--?(?:[\w-]{{0,40}}-)?token(?:=|[ \t]+){_WORD}", _token),
    _rule(kinds.PASSWORD, "-p", rf"(?<![\w-]){_GLUED}\s(?:[^\n|;]{{0,200}}?\s)??-p\s?(?!ort|rotocol){_WORD}", _flag, sign=r"\s-p(?!ort|rotocol)"),
    _rule(
        kinds.PASSWORD,
        "-p /p /rp",
        rf"(?<![\w-]){_APART}\s(?:[^\n|;]{{0,200}}?\s)??(?:-p\s{{1,4}}|/r?p[: ]\s{{0,4}}){_WORD}",
        _flag,
        sign=r"\s(?:-p\s|/r?p[: ])",
    ),
    _rule(kinds.PASSWORD, "curl wget -u -user", r"(?<![\w-])(?:-u|-U|--user|--proxy-user)[= \t]\s*[\"']?[\w.@\\-]{1,64}[:%](?P<v>[^\s\"'<>]+)", _flag),
    _rule(kinds.PASSWORD, "net", rf"(?<!\w)net1?(?:\.exe)?\s{{1,4}}user\s{{1,4}}(?:\"[^\"\n]{{1,64}}\"|[^\s\"/]{{1,64}})\s{{1,4}}(?![/*]){_WORD}"),
    _rule(kinds.PASSWORD, "net", rf"(?<!\w)net1?(?:\.exe)?\s{{1,4}}use\s{{1,4}}(?:[A-Z*]:?\s{{1,4}})?\\\\[^\s\"]{{1,128}}\s{{1,4}}(?![/*]){_WORD}"),
    _rule(kinds.PASSWORD, "pass:", r"(?<![\w/-])pass:(?P<v>[^\s\"'<>]+)"),
    _rule(kinds.PASSWORD, "chpasswd", r"(?:echo|printf|<<<)\s{1,4}[\"']?[\w.-]{1,64}:(?P<v>[^\s\"'|]+)[^|\n]{0,8}\|[^\n]{0,40}chpasswd"),
    _rule(kinds.PASSWORD, "securestring", rf"ConvertTo-SecureString\s{{1,4}}(?:-(?:AsPlainText|Force)\s{{1,4}}){{0,2}}(?:-String\s{{1,4}})?(?!-){_WORD}"),
    _rule(kinds.PASSWORD, "identified", rf"identified\s{{1,4}}by\s{{1,4}}{_WORD}"),
    _rule(kinds.BLOB, "-e", r"(?<![\w-])-e(?:nc|ncodedcommand)?\s{1,4}[\"']?(?P<v>[A-Za-z0-9+/]{16,}={0,2})", _opaque(16)),
    # forms of their own
    _rule(kinds.BLOB, "…", r"(?:^…|\s…\s)(?P<v>[A-Za-z0-9+/=%_~-]{8,})", _tail),
    _rule(kinds.TOKEN, "eyj", r"(?<![A-Za-z0-9+/_-])(?P<v>eyJ[\w-]{10,}(?:(?:\.[\w-]+){1,4}|\.?(?=…|\Z)))"),
    _rule(kinds.TOKEN, "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"(?<!\w)(?P<v>gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"),
    _rule(kinds.TOKEN, "xox glpat- npm_ hvs.", r"(?<!\w)(?P<v>xox[abeprs]-[\w-]{10,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}|hvs\.[\w-]{20,})"),
    _rule(kinds.KEY, "akia asia", r"(?<!\w)(?P<v>(?:AKIA|ASIA)[0-9A-Z]{16})(?!\w)"),
    _rule(kinds.KEY, "q~", r"(?<![\w~.-])(?P<v>[\w~.-]{3}[78]Q~[\w~.-]{31,34})(?![\w~.-])"),
    _rule(kinds.KEY, "-", r"(?<![\d-])(?P<v>\d{6}(?:-\d{6}){7})(?![\d-])", sign=r"-(?<=\d{6}-)\d{6}-"),
    _rule(kinds.KEY, "-", r"(?<![\w-])(?P<v>(?=[A-Z0-9-]*[A-Z])(?-i:[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}))(?![\w-])", sign=r"-(?<=[A-Z0-9]{5}-)[A-Z0-9]{5}-"),
    _rule(kinds.HASH, "$", r"(?<![\w$])(?P<v>\$(?:1|2[abxy]?|5|6|7|y|gy|sha1|md5|pbkdf2[\w-]{0,12}|argon2\w{1,2})\$[\w./$,=+-]{16,})"),
    _rule(kinds.HASH, "$krb5", r"(?P<v>\$krb5\w{2,8}\$[\w./$,=+*@:-]{16,})"),
    _rule(kinds.HASH, ":", r"(?<![0-9a-f])(?P<v>[0-9a-f]{32}:[0-9a-f]{32})(?![0-9a-f])", sign=r":(?<=[0-9a-f]{32}:)[0-9a-f]{32}"),
    _rule(kinds.HASH, "::", r"::[\w.-]{0,64}:(?P<v>[0-9a-f]{16}:[0-9a-f]{32}:[0-9a-f]{16,})"),
    _rule(kinds.HASH, "hash", r"(?:ntlm|nt|lm)[\s_-]?hash[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<v>[0-9a-f]{32})(?![0-9a-f])"),
)

_ALIKE = str.maketrans("123456789", "0" * 9)
_LONGEST = 1000
"""Characters of a line that is remembered."""
_WORDS: dict[str, list[int]] = {}
"""Word, its digits made equal -> the rules that have it, by their numbers: each word is looked for once."""
for _number, _one in enumerate(RULES):
    for _word in _one.words:
        _WORDS.setdefault(_word.translate(_ALIKE), []).append(_number)


def _asked(line: str) -> frozenset[int]:
    """The rules that have a word on a line in small letters, its digits made equal."""
    return frozenset(number for word, numbers in _WORDS.items() if word in line for number in numbers)


_remembered = lru_cache(4096)(_asked)
"""Lines of a log differ in little else than digits, so most were seen before."""


def by_rules(text: str) -> Iterator[Found]:
    """Every secret that a rule finds in one view, in no order."""
    lines = text.lower().translate(_ALIKE).split("\n")
    for number in sorted(frozenset().union(*(_remembered(line) if len(line) <= _LONGEST else _asked(line) for line in lines))):
        rule = RULES[number]
        if rule.sign and not _compiled(rule.sign).search(text):
            continue
        for found in rule.find.finditer(text):
            group = next((name for name in ("q1", "q2", "bare", "v") if found.groupdict().get(name) is not None), None)
            if group is None:
                continue
            start, end = found.span(group)
            value = text[start:end]
            if group == "bare" and not placeholder(value):
                value = value.rstrip(_TRAILING)
                end = start + len(value)
            if value.strip() and not placeholder(value) and rule.accept(found, group, value):
                yield Found(start, end, rule.kind)
