"""Lines of CEF say what the header says, whatever stands in it."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from math import isfinite
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from made_up_headers import headers, new_header

from gateway import __version__
from gateway.audit.exports.cef import extension_value, head_value, to_cef
from gateway.audit.record import Actor, Source

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_LENGTHS = {
    31: "app",
    40: "externalId",
    63: "act outcome",
    255: "sntdom",
    1023: (
        "cat reason suser spriv shost requestClientApplication destinationServiceName"
        " deviceProcessName cs1Label cs2Label cs3Label cs4Label cs5Label cs6Label cn1Label"
        " cn2Label cn3Label cfp1Label cfp2Label c6a2Label"
    ),
    2048: "requestContext",
    4000: "cs1 cs2 cs3 cs4 cs5 cs6",
}
"""Characters of the texts in the extension dictionary of the format's guide (version 25)."""
_TEXTS = {key: most for most, keys in _LENGTHS.items() for key in keys.split()}
_NUMBERS = {"cnt": 2**31, "cn1": 2**63, "cn2": 2**63, "cn3": 2**63, "rt": 2**63, "start": 2**63,
            "end": 2**63}  # fmt: skip
"""Whole numbers there, and times in milliseconds since 1970."""
_ADDRESSES = {"src": IPv4Address, "c6a2": IPv6Address}


def parsed(line: str) -> tuple[list[str], dict[str, str]]:
    """A line's head and extension, read as the format's guide says."""
    head: list[str] = []
    field, at = "", 0
    while len(head) < 7:
        if line[at] == "\\":
            field, at = field + line[at + 1], at + 2
        elif line[at] == "|":
            head.append(field)
            field, at = "", at + 1
        else:
            field, at = field + line[at], at + 1
    return head, _extension(line[at:])


def _extension(text: str) -> dict[str, str]:
    # A key is the word before an equals sign that no backslash escapes.
    starts = [found.start() for found in re.finditer(r"(?<!\\)(?:\\\\)*=", text)]
    starts = [text.index("=", at) for at in starts]
    fields: dict[str, str] = {}
    for number, at in enumerate(starts):
        key = text[:at].rpartition(" ")[2]
        end = len(text)
        if number + 1 < len(starts):
            following = text[: starts[number + 1]].rpartition(" ")[2]
            end = starts[number + 1] - len(following) - 1
        assert _KEY.fullmatch(key)
        assert key not in fields
        fields[key] = re.sub(r"\\(.)", _plain, text[at + 1 : end])
    return fields


def _plain(found: re.Match[str]) -> str:
    return {"n": "\n", "r": "\r"}.get(found[1], found[1])


def _keeps_to_the_dictionary(extension: dict[str, str]) -> None:
    for key, value in extension.items():
        if key in _TEXTS:
            assert 0 < len(value) <= _TEXTS[key], key
        elif key in _NUMBERS:
            assert -_NUMBERS[key] <= int(value) < _NUMBERS[key], key
        elif key in _ADDRESSES:
            _ADDRESSES[key](value)
        else:
            assert key in {"cfp1", "cfp2"}
            assert isfinite(float(value))


def test_a_call_stands_with_its_facts() -> None:
    head, extension = parsed(to_cef(new_header()))
    assert head == [
        "CEF:0", "LLM Security Gateway", "gateway", __version__, "outcome.flag",
        "outcome chat.completions flag", "6",
    ]  # fmt: skip
    assert extension["suser"] == "alice"
    assert extension["spriv"] == "analyst,developer"
    assert (extension["cs1Label"], extension["cs1"]) == ("model", "gpt-5-mini")
    assert (extension["cs4Label"], extension["cs4"]) == ("findings", "pii:EMAIL_ADDRESS:flag:2")
    assert (extension["cn1Label"], extension["cn1"]) == ("status", "200")
    assert (extension["src"], extension["outcome"]) == ("192.0.2.1", "success")


def test_addresses_stand_in_the_field_of_their_kind() -> None:
    six = parsed(to_cef(new_header(source=Source("2001:db8::1"))))[1]
    assert (six["c6a2Label"], six["c6a2"]) == ("Source IPv6 Address", "2001:db8::1")
    assert "src" not in six
    assert parsed(to_cef(new_header(source=Source("unix"))))[1]["shost"] == "unix"


def test_a_model_that_would_forge_fields_stays_one_value() -> None:
    forged = "x|9|act=allow outcome=success\\"
    head, extension = parsed(to_cef(new_header(model=forged, decision="block", status=400)))
    assert head[6] == "7"
    assert (extension["act"], extension["outcome"]) == ("block", "failure")
    assert extension["cs1"] == forged


@given(st.text(max_size=60))
def test_values_come_back_as_they_were(text: str) -> None:
    line = f"CEF:0|{head_value(text)}|b|c|d|e|1|one={extension_value(text)} two=2"
    head, extension = parsed(line)
    assert extension == {"one": text, "two": "2"}
    assert len(head) == 7
    assert head[1].split() == text.split()


@given(headers)
def test_every_header_is_one_line_with_its_own_facts(header: dict[str, Any]) -> None:
    line = to_cef(header)
    assert "\n" not in line
    assert "\r" not in line
    head, extension = parsed(line)
    assert head[0] == "CEF:0"
    assert 0 <= int(head[6]) <= 10
    assert extension["externalId"] == header["id"]
    assert extension.get("act") == header["decision"]
    assert extension.get("cs1", "") == (header["model"] or "")
    subject = (header["actor"] or {}).get("subject") or ""
    assert extension.get("suser", "") == subject
    assert all(f"{key}Label" in extension for key in extension if re.fullmatch(r"c\w+\d", key))
    _keeps_to_the_dictionary(extension)


def test_long_values_are_cut() -> None:
    assert extension_value("=" * 2000) == "\\=" * 1023


def test_a_long_issuer_is_cut_to_what_the_dictionary_allows() -> None:
    long = "=" * 5000
    actor, source = Actor(long, long, (long,) * 40), Source(long, long)
    texts = dict.fromkeys(("tenant", "route", "format", "upstream", "model", "error"), long)
    header = new_header(actor=actor, source=source, rules=(long,) * 40, **texts)
    extension = parsed(to_cef(header))[1]
    assert extension["sntdom"] == "=" * 255
    _keeps_to_the_dictionary(extension)


def test_a_record_that_stands_for_many_says_how_many() -> None:
    detail = {
        "repeats": 997,
        "first": "2027-01-15T08:00:00.000Z",
        "last": "2027-01-15T08:00:09.500Z",
        "of": "019a2c3d-4e5f-7abc-8def-0123456789ab",
    }
    extension = parsed(to_cef(new_header(detail=detail)))[1]
    assert extension["cnt"] == "997"
    assert int(extension["end"]) - int(extension["start"]) == 9500
