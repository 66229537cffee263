"""Secrets never leave the documents that hold them."""

from __future__ import annotations

import pytest

from backuptrace.readers.secrets import struck


@pytest.mark.parametrize(
    "text",
    [
        '{"publicSettings": {}, "protectedSettings": "SECRET==", "x": 1}',
        r'{"settings": "{\"protectedSettings\": \"SECRET==\"}"}',
        "<ns1:UserPassword>SECRET</ns1:UserPassword>",
        '<CustomData xmlns="x">SECRET</CustomData>',
        "<Blob>https://a/b?sv=1&amp;sig=SECRET%3D&amp;se=2</Blob>",
        '"https://a/b?sig=SECRET&sr=b"',
    ],
)
def test_struck(text: str) -> None:
    assert b"SECRET" not in struck(text.encode())
    assert b"***" in struck(text.encode())


def test_the_rest_stays() -> None:
    text = b'{"protectedSettingsCertThumbprint": "C493", "protectedSettings": "", "design": "sig"}'
    assert struck(text) == text.replace(b'"protectedSettings": ""', b'"protectedSettings": "***"')
