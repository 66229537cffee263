"""YAML of `az`: the same values as the package's own loader makes of texts, and nothing that little text makes large."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backuptrace.readers import yamltext

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(["null", "~", "true", "2026-03-02", "1:2", "- a", "#"])
DATA = st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=20)


def as_loaded(value: Any) -> Any:
    """What the base loader of the package gives, with null as None."""
    if isinstance(value, dict):
        return {key: as_loaded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_loaded(item) for item in value]
    return None if value in ("null", "~", "") else value


@given(st.dictionaries(TEXTS, DATA, max_size=5), st.booleans())
def test_values_are_those_of_the_package(data: dict[str, Any], flow: bool) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    assert yamltext.read(text) == as_loaded(yaml.load(text, yaml.BaseLoader))


@pytest.mark.parametrize(
    "text",
    ["a: &a [x]\nb: *a", "a: 1\n--- \nb: 2\n", "? [a, b]\n: 1\n", "a: " + "[" * 101 + "]" * 101, "a: [", "a: b: c"],
    ids=["alias", "two documents", "a list as key", "too deep", "open", "no yaml"],
)
def test_what_az_never_writes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Error"):
        yamltext.read(text)


def test_what_is_nested_as_deep_as_allowed_is_read() -> None:
    assert yamltext.read("a: " + "[" * 99 + "x" + "]" * 99)["a"]
    assert yamltext.read("") is None
