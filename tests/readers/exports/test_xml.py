"""XML exports: the short way through an expression tells what expat tells, and the search before parsing loses nothing."""

from __future__ import annotations

import io
import re

import eventforms
import pytest
from eventday import day
from eventforms import Told
from hypothesis import given, settings
from hypothesis import strategies as st

from backuptrace.readers.evtx.eventxml import event_from, tree_of
from backuptrace.readers.evtx.tree import event_of
from backuptrace.readers.exports import Form, Reading, read, xmlstream
from backuptrace.readers.exports.xmlshort import short_event
from backuptrace.readers.winevent import WinEvent

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\x0b\x0c\ufffe\uffff", exclude_categories=["Cc", "Cs"]) | st.sampled_from(["<", "&", "'", '"', "\n"]),
    max_size=20,
)
EVENTS = st.builds(
    Told, time=st.integers(0, 2 * 10**15), provider=TEXT.filter(str.strip), event_id=st.integers(0, 65535), channel=st.sampled_from(["System", "Application", "A/B & C"]), level=st.integers(0, 5),
    number=st.integers(1, 2**40), computer=st.sampled_from(["vm1", "vm-2.contoso.com"]), data=st.lists(st.tuples(st.sampled_from(["", "param1", "File Name", "Path's"]), TEXT), max_size=6),
    texts=st.fixed_dictionaries({"en": TEXT}), user_data=st.sampled_from(["", "", "<R xmlns='x'><FilePath>%OSDRIVE%\\A.EXE</FilePath><B><C>1</C></B></R>"]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(told=EVENTS, rendered=st.booleans(), quote=st.sampled_from(["'", '"']))
def test_the_short_way_tells_what_expat_tells(told: Told, rendered: bool, quote: str) -> None:
    xml = eventforms.event_xml(told, rendered="en-US" if rendered else "", quote=quote)
    short = short_event(xml)
    assert short is None or short == event_of(tree_of(xml))
    assert (short is None) is bool(told.user_data) or (rendered and any(char in told.channel + told.provider for char in "&<>\"'"))


@pytest.mark.parametrize("odd", ["<!-- x -->", "<![CDATA[<&]]>", "&unknown;", "&", "<Data><b/></Data>", "<?x?>"])
def test_what_is_not_in_the_usual_form_goes_the_long_way(odd: str) -> None:
    xml = eventforms.event_xml(Told(1, "A", 1, "System", data=[("", "x")])).replace("<Data>x", f"<Data>x{odd}" if "Data>" not in odd else f"{odd}<Data>x")
    assert short_event(xml) is None


def searching(needle: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(needle), re.IGNORECASE)


@settings(max_examples=100, deadline=None)
@given(
    told=st.lists(EVENTS, min_size=1, max_size=12),
    needle=st.sampled_from(["param1", "vss", "%OSDRIVE%", "a", "7"]),
    block=st.integers(64, 4000),
    comment=st.booleans(),
)
def test_the_search_before_parsing_loses_no_hit(told: list[Told], needle: str, block: int, comment: bool) -> None:
    raw = eventforms.viewer_xml(told)
    if comment:
        raw = raw.replace("<EventData>", "<EventData><!-- x -->", 1)
    usual, xmlstream.BLOCK = xmlstream.BLOCK, block
    try:
        reading = Reading("x")
        some = list(
            read(
                io.BytesIO(raw.encode()),
                Form("xml", "utf-8"),
                reading,
                wanted=lambda view, _: [found.end() for found in searching(needle.encode()).finditer(view)],
            )
        )
        every = list(read(io.BytesIO(raw.encode()), Form("xml", "utf-8"), Reading("x")))
    finally:
        xmlstream.BLOCK = usual
    assert len(every) == len(told)
    assert [event for event in every if holds(event, needle)] == [event for event in some if holds(event, needle)]
    assert reading.records + reading.skipped == len(told)
    for channel in {event.channel for event in every}:
        times = [event.time for event in every if event.channel == channel]
        assert {times[0], times[-1]} <= {event.time for event in some if event.channel == channel}


def holds(event: WinEvent, needle: str) -> bool:
    return needle.casefold() in "\n".join([event.provider, event.message, *(part for datum in event.data for part in datum)]).casefold()


def test_only_the_wanted_are_parsed() -> None:
    told = (
        [Told(n, "Contoso", n, "System", data=[("", "nothing")]) for n in range(1, 500)]
        + [Told(500, "VSS", 8193, "System", data=[("", "x")])]
        + [Told(n, "Contoso", n, "System") for n in range(501, 900)]
    )
    reading = Reading("x")
    raw = eventforms.wevtutil_xml(told).encode()
    events = list(read(io.BytesIO(raw), Form("xml", "utf-8"), reading, wanted=lambda view, _: [found.end() for found in re.finditer(b"'VSS'", view)]))
    assert [event.event_id for event in events] == [1, 8193, 899]
    assert (reading.records, reading.skipped) == (3, len(told) - 3)


def test_user_data_and_a_prolog_are_read_as_events_are() -> None:
    told = Told(
        1,
        "Microsoft-Windows-AppLocker",
        8004,
        "Microsoft-Windows-AppLocker/EXE and DLL",
        user_data="<RuleAndFileData xmlns='x'><PolicyName>EXE</PolicyName><FilePath>%OSDRIVE%\\A.EXE</FilePath></RuleAndFileData>",
    )
    (event,) = read(io.BytesIO(eventforms.viewer_xml([told], rendered="de-DE").encode("utf-8-sig")), Form("xml", "utf-8-sig"), Reading("x"))
    assert event.data == [("PolicyName", "EXE"), ("FilePath", "%OSDRIVE%\\A.EXE")]


def test_every_event_of_a_day_takes_the_short_way() -> None:
    for told in day("de"):
        assert short_event(eventforms.event_xml(told, rendered="de-DE", language="de")) is not None
        assert short_event(eventforms.event_xml(told)) == event_from(eventforms.event_xml(told))
