"""Every signature proves itself by the small bundles in its own file."""

from __future__ import annotations

import pytest

from backuptrace.knowledge import library
from backuptrace.knowledge.loading import Knowledge, load
from backuptrace.proving import prove

LIBRARY = library.shape(library.sources())


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(cached=False)


@pytest.mark.parametrize("signature", sorted(LIBRARY.signatures))
def test_signature(signature: str, knowledge: Knowledge) -> None:
    shape, _ = LIBRARY.signatures[signature]
    wrong = [f"{p.name}: want {p.wanted}, got {p.got} ({p.why})" for p in prove(shape, knowledge) if not p.holds]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("signature", sorted(LIBRARY.signatures))
def test_signature_has_a_match_and_a_counterexample(signature: str) -> None:
    expectations = {test.expect for test in LIBRARY.signatures[signature][0].tests}
    assert "supported" in expectations
    assert expectations & {"none", "contradicted"}
