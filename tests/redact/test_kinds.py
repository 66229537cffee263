"""Every kind of secret, in every way of writing it down, is replaced; the same secret always by the same token."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from backuptrace.redact.kinds import KINDS, WRITTEN
from backuptrace.redact.redactor import Redactor, redacted

from .seeds import WAYS, Maker, pem, pieces

ROUNDS = 40
LINE = "2026-06-09T07:34:15.097978Z WARNING ExtHandler ExtHandler {} -- 6 attempts made"


@pytest.mark.parametrize("way", WAYS)
def test_no_part_of_a_secret_is_left(way: str) -> None:
    make = Maker(7)
    for _ in range(ROUNDS):
        seed = WAYS[way](make)
        for line in (seed.text, LINE.format(seed.text), seed.text + "\nnext line"):
            text = redacted(line)
            assert not [piece for piece in pieces(seed.secret) if piece in text], (seed, text)
            assert f"<{seed.kind}-1>" in text, (seed, text)
            assert redacted(text) == text


def test_there_are_seeds_of_every_kind() -> None:
    assert {make(Maker()).kind for make in WAYS.values()} == set(KINDS)
    assert len(KINDS) >= 12


ENCODINGS: dict[str, Callable[[str], str]] = {
    "json": lambda text: json.dumps(text)[1:-1],
    "json of javascript": lambda text: json.dumps(text)[1:-1].replace("/", "\\/").replace("&", "\\u0026").replace("=", "\\u003d").replace("<", "\\u003c"),
    "xml": html.escape,
    "url": lambda text: quote(text, safe=""),
    "url, small letters": lambda text: quote(text, safe="").replace("%2F", "%2f").replace("%3D", "%3d"),
    "numbers in xml": lambda text: "".join(char if char.isalnum() else f"&#{ord(char)};" for char in text),
    "utf-16": lambda text: text.encode("utf-16-le").decode("latin-1"),
}
ESCAPED = [name for name in WAYS if name not in {"powershell", "password-short-option", "curl", "script"}]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("way", ESCAPED)
def test_no_encoding_hides_a_secret(encoding: str, way: str) -> None:
    make, encode = Maker(11), ENCODINGS[encoding]
    for _ in range(6):
        seed = WAYS[way](make)
        for text in (encode(seed.text), encode(encode(seed.text)), ENCODINGS["json"](encode(seed.text))):
            found = redacted(text)
            for view in (found, found.replace("\0", "")):
                assert not [piece for piece in pieces(seed.secret) + pieces(encode(seed.secret)) if piece in view], (seed, found)
            assert redacted(found) == found


@pytest.mark.parametrize("way", ["sas-url", "account-key", "password-json", "password-conf", "protected", "access-token", "pem-key", "custom-data"])
def test_one_secret_has_one_token_in_all_encodings(way: str) -> None:
    seed = WAYS[way](Maker(3))
    texts = [seed.text, *(encode(seed.text) for encode in ENCODINGS.values()), ENCODINGS["json"](ENCODINGS["url"](seed.text))]
    redactor = Redactor()
    tokens = {found[0] for text in texts for found in WRITTEN.finditer(redactor.text(text).replace("\0", ""))}
    assert len(tokens) == 1


def test_a_signature_means_the_same_in_every_alphabet() -> None:
    redactor = Redactor()
    forms = ["?sv=1&sig=ab%2Bcd%2Fefghijklmnop%3D", "?sv=1&sig=ab+cd/efghijklmnop=", "?sv=1&sig=ab-cd_efghijklmnop"]
    assert len({redactor.text(form).split("sig=")[1] for form in forms}) == 1


def test_the_password_of_basic_authentication_is_the_password() -> None:
    redactor = Redactor()
    one, other = redactor.text("password=Hunter2!x"), redactor.text("Authorization: Basic YWRtaW46SHVudGVyMiF4")
    assert one.split("=")[1] == other.split("Basic ")[1]


def test_tokens_are_numbered_by_first_appearance() -> None:
    text = "password=Aa1!aaaa password=Bb2!bbbb AccountKey=Q2NjY2NjMTIz; password=Aa1!aaaa"
    assert redacted(text) == "password=<password-1> password=<password-2> AccountKey=<key-1>; password=<password-1>"


def test_a_token_that_a_log_already_has_is_not_given_again() -> None:
    assert redacted("password=<password-1> and password=Aa1!aaaa") == "password=<password-1> and password=<password-2>"


# cut in two


def test_a_block_of_which_the_end_is_cut_off() -> None:
    body = Maker(5).base64(150)
    text = redacted(pem("RSA PRIVATE KEY", body)[:120] + "\nINFO the next line - stays")
    assert body[:20] not in text and body[64:80] not in text
    assert "the next line - stays" in text


def test_a_block_of_which_the_beginning_is_cut_off() -> None:
    body = Maker(5).base64(150)
    text = redacted("INFO: before -\n" + pem("RSA PRIVATE KEY", body)[60:])
    assert not [piece for piece in (body[40:60], body[70:90], body[-20:]) if piece in text]
    assert "INFO: before -" in text


def test_lines_of_base64_without_any_marks() -> None:
    body = Maker(6).base64(300)
    text = redacted("\n".join(body[at : at + 76] for at in range(0, len(body), 76)) + "\n2026-01-01 INFO stays")
    assert not [at for at in range(0, len(body) - 8, 8) if body[at : at + 8] in text]
    assert text.endswith("INFO stays")


@pytest.mark.parametrize("way", ["sas-url", "password-json", "protected", "password-xml", "custom-data"])
def test_a_secret_that_is_cut_at_its_end(way: str) -> None:
    seed = WAYS[way](Maker(9))
    at = seed.text.index(seed.secret)
    for kept in (6, len(seed.secret) // 2):
        assert seed.secret[:kept] not in redacted(seed.text[: at + kept])


def test_what_a_cut_leaves_of_a_secret_without_its_name() -> None:
    address, signature = Maker(2).sas()
    at = address.index(signature) + 8
    assert signature[8:24] not in redacted("…" + address[at:])
    assert signature[8:24] not in redacted("2026-06-09 INFO … " + address[at:])


def test_secrets_over_several_lines_of_context() -> None:
    body = Maker(5).base64(150)
    lines = pem("PRIVATE KEY", body).splitlines()
    pieces_ = Redactor().parts(lines, 0, 0)
    assert len(pieces_) == len(lines)
    assert not [part for part in lines[1:-1] if any(part[:20] in piece.text for piece in pieces_)]
