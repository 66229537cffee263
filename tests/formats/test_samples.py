"""Every format proves by its own samples that its fields come out of the text as it says."""

from __future__ import annotations

import re

import pytest

from backuptrace.knowledge import library
from backuptrace.knowledge.loading import load
from backuptrace.knowledge.shapes import FormatShape, JsonRecords
from backuptrace.readers import conf, jsontree, rows, xmltree
from backuptrace.scanning.objectfields import sample_fields

FORMATS = {key: shape for key, (shape, _) in library.shape(library.sources()).formats.items()}
READY = load().formats
SAMPLES = [(key, n) for key, shape in FORMATS.items() for n in range(len(shape.samples))]


def fields(shape: FormatShape, text: str) -> dict[str, str]:
    if isinstance(shape.records, JsonRecords):
        if shape.objects is not None:
            return sample_fields(READY[shape.id], text)
        tree = (jsontree if shape.reader == "json" else xmltree).read(text.encode())
        item = next(jsontree.items(tree, shape.records.each))
        return {name: jsontree.first(item, path) for name, path in shape.records.fields.items()}
    if shape.reader == "conf":
        return shape.defaults | {setting.key: setting.value for setting in conf.settings(text)}
    if shape.reader in ("rows", "transcript"):
        return list(rows.rows(text, [re.compile(row) for row in shape.rows], shape.carry))[-1].fields
    for record in shape.records or []:
        if found := re.match(record.start.encode(), text.encode()):
            named = {name: value.decode() for name, value in found.groupdict().items() if value is not None}
            message = text.encode()[found.end() :].decode()
            pairs = [datum.partition("=") for datum in message.split("\t")[1:]] if shape.reader == "events" else []
            return named | {f"data.{name}": value for name, _, value in pairs} | {"message": message}
    raise AssertionError(f"no record starts like this: {text}")


@pytest.mark.parametrize("key", sorted(FORMATS))
def test_every_format_has_samples(key: str) -> None:
    assert FORMATS[key].samples


@pytest.mark.parametrize("key", sorted(FORMATS))
def test_every_title_of_a_new_format_is_in_both_languages(key: str) -> None:
    title = FORMATS[key].title
    assert title if isinstance(title, str) else title.en and title.de


@pytest.mark.parametrize(("key", "n"), SAMPLES, ids=[f"{key}-{n}" for key, n in SAMPLES])
def test_sample(key: str, n: int) -> None:
    sample = FORMATS[key].samples[n]
    found = fields(FORMATS[key], sample.text)
    assert {name: found.get(name, "") for name in sample.fields} == sample.fields
