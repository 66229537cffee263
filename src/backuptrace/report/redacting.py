"""The report without secrets: every text in it, the places of hits kept right, tokens numbered by first appearance.

What comes from the catalogue, ids and words of the contract stay as they are; a field that is added later is redacted without being named here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter, is_
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from backuptrace.redact.redactor import Piece, Redactor
from backuptrace.report import document as doc
from backuptrace.report.document import Report
from backuptrace.report.shortening import shorten

LEVEL = "secrets"
TEMPLATE = "template"
KEPT: dict[type, set[str]] = {
    Report: {"schema", "tool", "redaction", "language"},
    doc.BundleInfo: {"kind", "os", "zone"},
    doc.Verdict: {"outcome", "cause"},
    doc.Cause: {"id", "status", "confidence", "title", "explanation", "error_codes", "doc", "steps", "caveats", "lacking"},
    doc.Evidence: {"signature", "role"},
    doc.Next: {"settles"},
    doc.Attempt: {"id", "kind", "result", "causes"},
    doc.Changed: {"good", "failed"},
    doc.TimelineEntry: {"kind", "causes"},
    doc.Coverage: {"format"},
}
"""Fields that hold no text of a log: ids, words of the contract, the catalogue's own sentences, times (those are told by their form)."""
_TIMES = {"time", "from_", "to", "first", "last", "started", "ended", "at"}
Change = Callable[[Piece], Piece]
T = TypeVar("T")
P = TypeVar("P", bound=msgspec.Struct)


def redacted(report: Report, redactor: Redactor) -> Report:
    """The same report without secrets. `redactor`: the one that saw the texts of the logs before they were cut, or a new one.

    Takes time in proportion to the text of the report, and little for text in which nothing looks like a secret.
    """
    report = redacted_page(report, redactor)
    return msgspec.structs.replace(report, causes=[_within(cause) for cause in report.causes])


def redacted_page(page: P, redactor: Redactor) -> P:
    """Any document with a field `redaction` without secrets; see `redacted`."""
    texts = _texts(page)
    if not all(map(redactor.clean, texts)):
        page = _changed(page, lambda piece: redactor.parts([piece.text], piece.mark_from, piece.mark_to)[0], redactor.template)
        texts = _texts(page)
    whole = "\n".join(texts)
    lurking = redactor.lurking(whole)
    if lurking is not None:
        page = _changed(page, lambda piece: redactor.known(piece, lurking))
    redactor.reserve(whole)
    if redactor.found_any:
        page = _changed(page, redactor.numbered)
    return msgspec.structs.replace(page, redaction=doc.Redaction(level=LEVEL, counts=dict(sorted(redactor.counts.items()))))


def _within(cause: doc.Cause) -> doc.Cause:
    """Evidence within its limit: a token may be longer than what it stands for."""
    if all(len(item.text) <= doc.MOST_TEXT for item in cause.evidence):
        return cause
    fitting = []
    for item in cause.evidence:
        short = shorten(item.text, item.hit_from or 0, item.hit_to or 0)
        marks = {} if item.hit_from is None else {"hit_from": short.hit_from, "hit_to": short.hit_to}
        fitting.append(msgspec.structs.replace(item, text=short.text, **marks))
    return msgspec.structs.replace(cause, evidence=fitting)


def _changed(value: T, change: Change, template: Callable[[str], str] | None = None) -> T:
    """The value with every text in it changed, in the order of the document; what does not change is not copied."""
    return _walk(value, change, template)  # type: ignore[no-any-return]


def _walk(value: Any, change: Change, template: Callable[[str], str] | None) -> Any:
    if isinstance(value, str):
        return change(Piece(value, 0, 0)).text if value else value
    if isinstance(value, list):
        items = [_walk(item, change, template) for item in value]
        return value if all(map(is_, items, value)) else items
    if isinstance(value, dict):
        return {key: _walk(item, change, template) for key, item in value.items()}
    if not isinstance(value, msgspec.Struct):
        return value
    new: dict[str, Any] = {}
    for name in _named(type(value)):
        old = getattr(value, name)
        if old is None:
            continue
        if name == "text" and isinstance(value, doc.Evidence):
            piece = change(Piece(old, value.hit_from or 0, value.hit_to or 0))
            if piece.text != old:
                new |= {"text": piece.text}
                if value.hit_from is not None and value.hit_to is not None:
                    new |= {"hit_from": piece.mark_from, "hit_to": piece.mark_to}
            continue
        item = template(old) if template and name == TEMPLATE else _walk(old, change, template)
        if item is not old and item != old:
            new[name] = item
    return msgspec.structs.replace(value, **new) if new else value


@cache
def _named(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of a document's part that may hold text of a log."""
    kept = KEPT.get(kind, set()) | _TIMES
    names = [field.name for field in msgspec.structs.fields(kind) if field.name not in kept and not _wordless(field.type)]
    return tuple(sorted(names, key=TEMPLATE.__eq__))  # last, because it is known by the line that it was made from


def _wordless(kind: Any) -> bool:
    """Whether a value of the type is a number or a truth, or made of such."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return not _named(kind)
    if get_origin(kind) in (Annotated, Union, UnionType):
        inner = get_args(kind)
        return _wordless(inner[0]) if get_origin(kind) is Annotated else all(map(_wordless, inner))
    return kind in (int, float, bool, NoneType)


def _texts(page: Any) -> dict[str, None]:
    """Every text that `_changed` would change, each once."""
    out: dict[str, None] = {}
    _gather((page,), out)
    return out


def _gather(items: Iterable[Any], out: dict[str, None]) -> None:
    for item in items:
        if isinstance(item, str):
            out[item] = None
        elif not item:  # most lists of a report are empty
            continue
        elif isinstance(item, list):
            _gather(item, out)
        elif isinstance(item, msgspec.Struct):
            _gather(_getter(type(item))(item), out)
        elif isinstance(item, dict):
            _gather(item.values(), out)


@cache
def _getter(kind: type[msgspec.Struct]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads those fields, in one call: most of a report's time would else go into asking for one after the other."""
    names = _named(kind)
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])
