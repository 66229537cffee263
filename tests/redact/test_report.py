"""The whole document: every text of it, what is cut, what is known from elsewhere."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec
import pytest

from backuptrace.model import Problem
from backuptrace.redact import finding
from backuptrace.redact import redactor as module
from backuptrace.redact.redactor import Piece, Redactor
from backuptrace.report import document as doc
from backuptrace.report.document import Report
from backuptrace.report.redacting import KEPT, _changed, _texts, redacted
from backuptrace.report.text import render

SECRET = "Hunter2!xyzzy"
TEXT = f"password={SECRET}"
WHEN = "2026-11-22T03:12:07.000000Z"


def filled(kind: Any, at: str = "") -> Any:
    """A value of a type with the secret in every text that may hold any."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        values = {}
        for field in msgspec.structs.fields(kind):
            if field.name in KEPT.get(kind, set()) and (field.default is not msgspec.NODEFAULT or field.default_factory is not msgspec.NODEFAULT):
                continue
            values[field.name] = filled(msgspec.inspect.type_info(field.type), field.name)
        return kind(**values)
    info = kind
    if isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    if isinstance(info, msgspec.inspect.UnionType):
        return filled(next(item for item in info.types if not isinstance(item, msgspec.inspect.NoneType)), at)
    if isinstance(info, msgspec.inspect.StrType):
        return WHEN if info.pattern else TEXT
    if isinstance(info, msgspec.inspect.LiteralType):
        return info.values[0]
    if isinstance(info, msgspec.inspect.ListType):
        return [filled(info.item_type, at)]
    if isinstance(info, msgspec.inspect.DictType):
        return {"key": filled(info.value_type, at)}
    if isinstance(info, msgspec.inspect.StructType):
        return filled(info.cls, at)
    return {msgspec.inspect.IntType: 1, msgspec.inspect.FloatType: 1.0, msgspec.inspect.BoolType: True}[type(info)]


def test_every_text_of_a_report_that_may_hold_text_of_a_log_is_redacted() -> None:
    """Of fields that are added later, too: they are found by their types."""
    report = filled(Report)
    assert report.to_json().count(SECRET) > 40
    done = redacted(report, Redactor())
    left = {f"{type(owner).__name__}.{name}" for owner, name in _left(done)}
    kept = {f"{kind.__name__}.{name}" for kind in (doc.Tool, doc.Doc) for name in kind.__struct_fields__}
    kept |= {f"{kind.__name__}.{name}" for kind, names in KEPT.items() for name in names}
    assert left <= kept
    assert done.redaction == doc.Redaction(level="secrets", counts={"password": 1})
    assert TEXT not in done.causes[0].evidence[0].text


def test_every_text_that_would_be_changed_is_looked_at() -> None:
    """Wherever the only secret of a report stands, it is found."""
    number = count()
    made = _changed(filled(Report), lambda piece: Piece(f"text {next(number)}", 0, 0))
    told: list[str] = []

    def unchanged(piece: Piece) -> Piece:
        told.append(piece.text)
        return piece

    _changed(made, unchanged)
    assert len(told) == next(number) > 40
    assert sorted(_texts(made)) == sorted(told)


def _left(value: Any) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            item = getattr(value, name)
            below = _left(item)
            found += below
            if not below and SECRET in str(item):
                found.append((value, name))
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            found += _left(item)
    return found


def report(**more: Any) -> Report:
    return Report(
        tool=doc.Tool(version="1", signatures="1"),
        bundle=doc.BundleInfo(name="b", kind="tar"),
        verdict=doc.Verdict(outcome="unexplained", sentence="Something failed."),
        focus=doc.Focus(basis="x"),
        **more,
    )


def test_a_known_secret_is_found_where_nothing_names_it() -> None:
    said = [f"login with {SECRET} refused", f"argument {SECRET}", "other Hunter2!xyzzyz stays"]
    done = redacted(report(capped=[*said, TEXT]), Redactor())
    assert done.capped == ["login with <password-1> refused", "argument <password-1>", "other Hunter2!xyzzyz stays", "password=<password-1>"]


def test_a_word_that_is_a_password_somewhere_stays_a_word() -> None:
    """Else whoever writes to a log could blacken the report."""
    words = ["waagent", "2.15.0.1", "168.63.129.16", "ExtHandler", "/var/lib/waagent", "0x80042306", "VSS"]
    said = [f"password={word} " for word in words] + [f"the agent says {word} here" for word in words]
    done = redacted(report(capped=said), Redactor())
    assert done.capped[len(words) :] == said[len(words) :]


def test_a_template_shares_the_token_of_its_line() -> None:
    row = doc.Unexplained(template="ERROR login password=Hun<n>ter!<n>xyz failed", count=1, sample="ERROR login password=Hun12ter!77xyz failed")
    (done,) = redacted(report(unexplained=[row]), Redactor()).unexplained
    assert done.template == done.sample == "ERROR login password=<password-1> failed"


def test_a_report_without_secrets_is_the_same_object_below_the_top() -> None:
    made = report(problems=[Problem("note", "a", "b")], facts=[doc.Fact(name="agent_version", value="2.15.0.1", source="waagent.log:1")])
    done = redacted(made, Redactor())
    assert done.problems is made.problems
    assert done.facts is made.facts
    assert done.redaction == doc.Redaction(level="secrets")


def test_the_text_tells_how_many_were_replaced() -> None:
    made = report(capped=[TEXT, "pwd=other!x1", "https://a/b?sv=1&sig=abcdefghijklmnop"])
    assert "2 passwords, 1 SAS signature" in " ".join(render(redacted(made, Redactor())).split())
    german = msgspec.structs.replace(made, language="de")
    assert "2 Kennwörter, 1 SAS-Signatur" in " ".join(render(redacted(german, Redactor())).split())


def test_a_kind_that_this_version_does_not_know_is_passed_over() -> None:
    made = msgspec.structs.replace(report(), redaction=doc.Redaction(level="secrets", counts={"teleport-code": 3, "key": 1}))
    assert "1 key" in render(made)


def test_evidence_stays_within_its_limit() -> None:
    """A token is longer than a short password."""
    text = ("pwd=a1 " * 400)[: doc.MOST_TEXT - 3] + "HIT"
    item = doc.Evidence(signature="s", source="x", text=text, hit_from=len(text) - 3, hit_to=len(text))
    cause = doc.Cause(id="c", status="supported", title="t", doc=doc.Doc(url="u"), evidence=[item])
    (done,) = redacted(report(causes=[cause]), Redactor()).causes[0].evidence
    assert len(done.text) <= doc.MOST_TEXT
    assert done.text[done.hit_from : done.hit_to] == "HIT"
    assert "pwd=<password-1> " in done.text


def test_what_is_remembered_to_be_clean_hides_no_secret_of_another_document() -> None:
    """Clean by itself, secret where another text of the document says so, and clean again."""
    said = f"login with {SECRET} refused"
    for _ in range(2):
        assert redacted(report(capped=[said]), Redactor()).capped == [said]
        assert redacted(report(capped=[said, TEXT]), Redactor()).capped == ["login with <password-1> refused", "password=<password-1>"]


def test_what_was_redacted_in_one_document_is_searched_in_the_next() -> None:
    first = Redactor()
    first._searched.add(TEXT)  # as if something were left in a text after it was redacted
    assert first.clean(TEXT)
    assert not Redactor().clean(TEXT)


def test_what_was_searched_beside_its_neighbours_is_not_searched_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = Redactor()
    assert redactor.quiet(("one of two lines", "the other"))
    monkeypatch.setattr(module, "find", None)
    assert redactor.clean("the other")


def test_only_so_many_lines_without_shapes_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_SHAPELESS", 5)
    monkeypatch.setattr(finding, "_SHAPELESS", set())
    for letter in "abcdefghijklm":
        assert not finding.find(f"line {letter}\n" + f"{letter} " * finding._LONGEST)
    assert 0 < len(finding._SHAPELESS) <= 5
    assert max(map(len, finding._SHAPELESS)) <= finding._LONGEST


def test_only_so_many_clean_texts_are_remembered() -> None:
    redactor = Redactor()
    for n in range(2 * module.MOST_CLEAN):
        assert redactor.clean(f"the agent said {n}")
        assert redactor.clean(f"{n}" * module.LONGEST_CLEAN)
        redactor._done.clear()
    assert 0 < len(module._CLEAN) <= module.MOST_CLEAN
    assert max(map(len, module._CLEAN)) <= module.LONGEST_CLEAN
