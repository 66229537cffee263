"""Error codes in texts: every code of the catalogue by its name, every number of the service, every message in both languages."""

from __future__ import annotations

import pytest

from backuptrace.knowledge.codes import Codes
from backuptrace.knowledge.loading import load

CODES = load().pack.codes
FOUND = Codes(CODES)
OF_SERVICE = [code for code in CODES if any(letter.isupper() for letter in code.code[1:])]
"""The others (`error`, `success`) are words of the extension's log, not of the service."""


@pytest.mark.parametrize("code", OF_SERVICE, ids=lambda code: code.code)
def test_by_name(code: object) -> None:
    name = code.code  # type: ignore[attr-defined]
    found = FOUND.found([f"Error Code: {name}.", "something else"])
    assert found is not None
    assert found.code == name


def test_by_number_of_the_service() -> None:
    numbers = {alias: code.code for code in CODES for alias in code.aliases if isinstance(alias, int) and alias >= 10_000}
    assert len(numbers) >= 3
    assert {number: getattr(FOUND.found([str(number)]), "code", None) for number in numbers} == numbers


@pytest.mark.parametrize("text", ["85", "402", "2.400094.1", "14000941", "v400094"])
def test_numbers_that_are_none_of_the_service(text: str) -> None:
    assert FOUND.found([text]) is None


SAME = {"BackUpOperationFailedV2": "BackUpOperationFailed", "VmNotInDesirableState": "UserErrorVmNotInDesirableState"}
"""Codes with the message of another one."""


@pytest.mark.parametrize("code", OF_SERVICE, ids=lambda code: code.code)
def test_by_message(code: object) -> None:
    message = code.message  # type: ignore[attr-defined]
    for text in [*([message] if isinstance(message, str) else [message.en, message.de]), *code.told]:  # type: ignore[attr-defined]
        found = FOUND.found([f"»{text.upper().rstrip('.')}« (2026)"])
        assert found is not None
        assert found.code in (code.code, SAME.get(code.code))  # type: ignore[attr-defined]


def test_one_that_points_to_an_inner_message_yields_to_it() -> None:
    outer, inner = "UserErrorCrpReportedUserError", "UserErrorFsFreezeFailed"
    assert getattr(FOUND.found([outer, inner]), "code", "") == inner
    assert getattr(FOUND.found([outer, "nothing"]), "code", "") == outer


def test_a_long_word_costs_no_time() -> None:
    assert FOUND.found(["a" * 200_000, "aB" * 100_000]) is None
