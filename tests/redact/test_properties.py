"""What holds for every text, and for texts that somebody wrote to make trouble."""

from __future__ import annotations

import json
import random
from itertools import product
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.redact import finding
from backuptrace.redact.finding import find
from backuptrace.redact.kinds import KINDS, WRITTEN
from backuptrace.redact.layers import plain, views
from backuptrace.redact.redactor import Piece, Redactor, redacted, replaced

from .seeds import WAYS, Maker, pieces

WORDS = [
    *("password", "Pwd", "AccountKey", "sig", "token", "secret", "protectedSettings", "CustomData", "Authorization: Basic ", "Bearer ", "name", "value"),
    *(
        "=",
        ":",
        ": ",
        '"',
        "'",
        '\\"',
        "&",
        "&amp;",
        "%3D",
        "%26",
        "\\u0026",
        "\\n",
        "\n",
        ";",
        ",",
        " ",
        "{",
        "}",
        "[",
        "]",
        "<",
        ">",
        "</",
        "/>",
        "://",
        "@",
        "--",
        "-p ",
        "…",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "Hunter2!",
        "abc",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJz",
        "TUlJRXZRSUJBREFOQmdrcWhraUc5dzBCQVFF",
    ),
    *(
        "<password-1>",
        "<sas-2>",
        "<key-1",
        "password-1>",
        "\0",
        "\\",
        "%25",
        "eyJhbGciOiJIUzI1NiJ9.eyJ4IjoxfQ.c2ln",
        "$6$abcdefgh$abcdefghijklmnopqrstuvwxyz0123456789",
        "2.15.0.1",
        "…",
    ),
]
TEXTS = st.one_of(st.lists(st.sampled_from(WORDS), max_size=24).map("".join), st.text(max_size=80))
SEEDED = st.builds(lambda way, seed, before, after: (WAYS[way](Maker(seed)), before, after), st.sampled_from(sorted(WAYS)), st.integers(0, 10**6), TEXTS, TEXTS)


@settings(deadline=None, max_examples=400)
@given(TEXTS)
def test_twice_is_as_once(text: str) -> None:
    once = redacted(text)
    assert redacted(once) == once


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_secrets_stand_in_order_inside_the_text(text: str) -> None:
    last = 0
    for secret in find(text):
        assert last <= secret.start < secret.end <= len(text)
        assert secret.kind in KINDS
        last = secret.end


EDGES = [
    *("-u", "-p", "-e", "-enc", "net", "net1", "\\u0041", "\\U0000", "%3d", "%6b", "%40", "&#107;ey", "123456-654321", "٣٤٥٦٧٨-٣٤٥٦٧٨", "A1B2C-3D4E5-", "Q~"),
    *("0a" * 16 + ":", "x1" * 20, "x1_-" * 10, "ghp_", "AKIA", "xox", "hvs.", "npm_", "$", "$krb5", "@", "::", "-p ", "…", "…KEY", "KEY", "eyJ", "k\0ey"),
]
"""What makes a text worth searching, by itself or at the edge of a line."""
LINED = ["".join(parts) for parts in product(["", "fine", "fine 1\n", "fine ", "\n", "\0 "], EDGES, ["", "fine", "\nfine 1", " fine", "\n\n", "\0 "])]


def missed(text: str) -> bool:
    """Whether the quick look at lines passes over a text that is worth searching."""
    escaped = finding._ESCAPED.search(text) is not None and finding.suspicious(plain(text))
    return (finding.suspicious(text) or escaped) and not finding._open(text)


def test_the_quick_look_sees_what_stands_at_the_edge_of_a_line() -> None:
    assert not [text for text in LINED if missed(text)]


@settings(deadline=None, max_examples=400)
@given(st.one_of(TEXTS, SEEDED.map(lambda seeded: seeded[0][2])))
def test_the_quick_look_passes_over_no_text_that_is_worth_searching(text: str) -> None:
    assert not missed(text)


@settings(deadline=None, max_examples=200)
@given(SEEDED)
def test_no_neighbour_saves_a_secret(seeded: tuple[tuple[str, str, str], str, str]) -> None:
    """Whatever lines stand before and behind."""
    (_, secret, text), before, after = seeded
    found = redacted(f"{before}\n{text}\n{after}")
    for piece in pieces(secret):
        assert piece not in found


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_a_view_knows_where_its_characters_stand(text: str) -> None:
    for view in views(text):
        assert len(view.places) == len(view.text) + 1
        assert list(view.places) == sorted(view.places)
        assert view.places[-1] == len(text)
        for at in range(0, len(view.text), 7):
            part = text[view.places[at] : view.places[at + 1]]
            assert plain(part) == plain(view.text[at]) or "\0" in part or "\\" in part or "%" in part or "&" in part


@given(st.text(max_size=60))
def test_views_undo_what_writers_do(text: str) -> None:
    """Compared with what the standard library wrote."""
    assert any(view.text == text.replace("\0", "") for view in views(json.dumps(text)[1:-1]))
    if all(" " <= char < "\x7f" for char in text):
        assert any(view.text == text for view in views(quote(text, safe="")))


@settings(deadline=None)
@given(st.text(alphabet="abc", max_size=30), st.data())
def test_the_mark_stays_on_what_it_marked(text: str, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, len(text)))
    high = data.draw(st.integers(low, len(text)))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = [(a, b, data.draw(st.sampled_from(["", "<x>", "<longer>"]))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    piece = replaced(Piece(text, low, high), spans)
    assert 0 <= piece.mark_from <= piece.mark_to <= len(piece.text)
    if not any(a < high and b > low for a, b, _ in spans):
        assert piece.text[piece.mark_from : piece.mark_to] == text[low:high]


def test_tokens_do_not_depend_on_where_a_text_is_cut() -> None:
    make = Maker(4)
    text = make.sas()[0]
    redactor = Redactor()
    pieces_ = redactor.parts(["before", f"x {text} y", "password=Hunter2!"], 0, 1, 1)
    assert [WRITTEN.sub("#", piece.text) for piece in pieces_] == ["before", f"x {text.split('sig=')[0]}sig=#&skt=1 y", "password=#"]


SIZE = 60_000
HOSTILE = {
    "names": "password=" * (SIZE // 9),
    "quotes": 'password="' * (SIZE // 10),
    "escaped quotes": '"password": "' + '\\"' * (SIZE // 2),
    "backslashes": "password=" + "\\" * SIZE,
    "percents": "sig=" + "%25" * (SIZE // 3),
    "ampersands": "password=" + "&" * SIZE,
    "semicolons": "password=" + "a;" * (SIZE // 2),
    "brackets": '"password": ' + "{" * SIZE,
    "many brackets": '"password": {"' * (SIZE // 14),
    "begins": "-----BEGIN PRIVATE KEY-----\n" * (SIZE // 28),
    "ends": "-----END PRIVATE KEY-----\n" * (SIZE // 26),
    "base64": "QUJDREVGR0hJ" * (SIZE // 12),
    "lines of base64": ("QUJDREVGR0hJSktM" * 5 + "\n") * (SIZE // 81),
    "one letter": "a" * SIZE,
    "slashes": "://" * (SIZE // 3),
    "users": "http://a:" * (SIZE // 9),
    "ats": "http://a:b@" * (SIZE // 11),
    "elements": "<Password>" * (SIZE // 10),
    "attributes": 'name="password" ' * (SIZE // 16),
    "names of names": "name=" + '"a' * (SIZE // 2),
    "options": "--password " * (SIZE // 11),
    "commands": "mysql " * (SIZE // 6) + "-p",
    "digests": "digest " * (SIZE // 7) + "response",
    "jwt": "eyJ" * (SIZE // 3),
    "numbers": "123456-" * (SIZE // 7),
    "keys of products": "ABCDE-" * (SIZE // 6),
    "hashes": "$6$" * (SIZE // 3),
    "colons": "::" * (SIZE // 2),
    "nuls": "p\0a\0s\0s\0w\0o\0r\0d\0=\0" * (SIZE // 18),
    "tokens": "<password-1>" * (SIZE // 12),
    "cuts": "…" * SIZE,
    "entities": "&#112;" * (SIZE // 6),
    "blanks": "password" + " " * SIZE + "=",
    "cookies": "cookie: a=b; " * (SIZE // 13),
    "shells": "echo a:b | " * (SIZE // 11) + "chpasswd",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_done_soon(name: str) -> None:
    """A pattern that goes back and forth would not end here: the texts are long, and each repeats what a pattern repeats."""
    text = HOSTILE[name]
    once = redacted(text)
    assert redacted(once) == once


def test_a_shuffled_text() -> None:
    make = random.Random(1)
    for _ in range(60):
        text = "".join(make.choice(WORDS) for _ in range(300))
        once = redacted(text)
        assert redacted(once) == once
