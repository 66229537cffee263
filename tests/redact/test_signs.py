"""What a rule is passed over without stands in all that it finds."""

from __future__ import annotations

import random

import pytest

from backuptrace.redact.rules import RULES, Rule, _compiled

PIECES = [
    "mysql", "sshpass", "7z", "7za", "az", "zip", "docker login", "schtasks", "xfreerdp", ".exe", " ", " ", "\t", "\n", "  ", "-p", "-P", "/p", "/rp",
    "/p:", "/RP ", "secret1", "-port", "x", "-protocol", '"a b"', "|", ";", "-u root", "login", "123456", "123456" + "-123456" * 7, "ABCDE", "-A1B2C" * 4, ":", "0a" * 16, "0a" * 16 + ":" + "0a" * 16, "A1B2C-D3E4F-A1B2C-D3E4F-A1B2C",
]  # fmt: skip
SIGNED = [rule for rule in RULES if rule.sign]


@pytest.mark.parametrize("rule", SIGNED, ids=[rule.sign for rule in SIGNED])
def test_a_sign_stands_in_every_match(rule: Rule) -> None:
    chance, found = random.Random(7), 0
    for _ in range(60_000):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 6)))
        if rule.find.search(text):
            found += 1
            assert _compiled(rule.sign).search(text), text
    assert found > 5
