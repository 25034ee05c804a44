"""YAML with places: what is read, what is refused, and where."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from gateway.document import read, read_text, suggestion, validate
from gateway.errors import ConfigurationError, Place

if TYPE_CHECKING:
    from pathlib import Path

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS.filter(lambda key: key != "<<"), inner, max_size=4)
    ),
    max_leaves=12,
)


def written(value: Any) -> str:
    out = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.allow_unicode = True
    # In flow style this writer writes keys that its own reader does not take.
    writer.default_flow_style = False
    writer.representer.ignore_aliases = lambda _value: True
    writer.dump(value, out)
    return out.getvalue()


def problem_of(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_text(text, "f")
    return str(caught.value)


@given(VALUES)
@settings(max_examples=40)
def test_what_a_safe_yaml_writer_writes_is_read_back(value: Any) -> None:
    assert read_text(written(value), "f").value == value


@given(VALUES)
@settings(max_examples=40)
def test_every_value_has_a_place_within_the_text(value: Any) -> None:
    text = written(value)
    document = read_text(text, "f")
    lines = text.splitlines()

    def visit(inner: Any, loc: tuple[str | int, ...]) -> None:
        place = document.places[loc]
        assert 1 <= place.line <= len(lines) + 1
        if isinstance(inner, dict):
            for key, child in inner.items():
                visit(child, (*loc, key))
        elif isinstance(inner, list):
            for index, child in enumerate(inner):
                visit(child, (*loc, index))

    visit(value, ())


@given(st.text(max_size=60) | st.text("\"'[]{}:,-?&*!|>%@\\ \n\tabUux0", max_size=40))
@settings(max_examples=200)
def test_any_text_is_a_document_or_our_own_error(text: str) -> None:
    try:
        read_text(text, "f")
    except ConfigurationError as error:
        files = {problem.place.file for problem in error.problems}
    else:
        files = {"f"}
    assert files == {"f"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a", "a"), ("1", 1), ("-7", -7), ("007", 7), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("'1'", "1"), ('"true"', "true"),
        # What only YAML 1.1 or an extended schema takes for something else is text.
        ("yes", "yes"), ("on", "on"), ("1_000", "1_000"), ("2026-01-31", "2026-01-31"),
        ("1:30", "1:30"), ("0x1f", "0x1f"), (".inf", ".inf"), (".nan", ".nan"),
        ("1e400", "1e400"), ("٣", "٣"),
    ],
)  # fmt: skip
def test_scalars_mean_what_they_look_like(text: str, value: Any) -> None:
    found = read_text(f"k: {text}\n", "f").value["k"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "f:3:1: the key 'a' stands twice; remove one of them"),
        ("a: {b: 1, b: 1}", "f:1:11: the key 'b' stands twice; remove one of them"),
        ("a: &x 1\n", "f:1:4: anchors are not allowed; write the value out"),
        ("a: *x\n", "f:1:4: aliases are not allowed; write the value out"),
        ("*x", "f:1:1: aliases are not allowed; write the value out"),
        ("a: !!str 1\n", "f:1:4: tags are not allowed; quote the value if it is text"),
        ("a: !!python/object:os.system x", "f:1:4: tags are not allowed"),
        ("&x a: 1\n", "f:1:1: anchors and tags are not allowed; write the key out"),
        ("a:\n  <<: {b: 1}\n", "f:2:3: a key must be plain text; write the keys out"),
        ("? [a, b]\n: 1\n", "f:1:3: a key must be plain text; write the keys out"),
        ("a: 1\n---\nb: 2\n", "f:2:1: a second document starts here; keep one per file"),
        ("a: 'x\n", "f:2:1: not valid YAML: while scanning a quoted scalar"),
        ("- a\nb: 1\n", "f:2:1: not valid YAML: while parsing a block collection"),
        ("a:\t1\n", "f:1:3: not valid YAML: "),
        ("a: \x00", "f: not valid YAML: "),
        ("[" * 300, "f:1:34: nested deeper than 32 levels"),
        ("- " * 300 + "a", "f:1:67: nested deeper than 32 levels"),
    ],
)
def test_refusals_name_their_place(text: str, problem: str) -> None:
    assert problem_of(text).startswith(problem)


@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"', "%YAML 1." + "9" * 5000 + "\n---\na: 1"])
def test_numbers_that_the_parser_cannot_hold_are_our_own_error(text: str) -> None:
    assert problem_of(text) == "f: not valid YAML: an escape or a version number is out of range"


def test_several_problems_are_told_at_once() -> None:
    assert [line.partition(": ")[0] for line in problem_of("a: *x\na: !t y\n").splitlines()] == [
        "f:1:4",
        "f:2:1",
        "f:2:4",
    ]


def test_every_key_and_item_has_its_place() -> None:
    document = read_text("a:\n  - x\n  - {b: 1}\n", "f")
    assert document.place(("a",)) == Place("f", 1, 1)
    assert document.place(("a", 0)) == Place("f", 2, 5)
    assert document.place(("a", 1, "b")) == Place("f", 3, 6)
    assert document.place(("a", 7, "c")) == Place("f", 1, 1), "the nearest one around it"
    assert document.place(("nothing",)) == Place("f", 1, 1)
    assert read_text("", "f").place(("nothing",)) == Place("f")


def test_a_file_is_read_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("\ufeffname: café\n", encoding="utf-8")
    document = read(file)
    assert document.value == {"name": "café"}
    assert document.file == str(file)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a: 1\nb: \xff\n", ":2:1: is not UTF-8; save it as UTF-8"),
        (b"#" * (4 * 2**20 + 1), ": is larger than 4194304 bytes"),
    ],
)
def test_files_that_cannot_be_yaml(tmp_path: Path, data: bytes, problem: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(data)
    with pytest.raises(ConfigurationError) as caught:
        read(file)
    assert str(caught.value) == f"{file}{problem}"


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "no", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(ConfigurationError, match=f"cannot be read: {why}"):
            read(path)


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int = Field(ge=1)
    kind: str = "x"
    secret: str = Field(default="", exclude=True)


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    one: Inner
    many: dict[str, Inner] = {}
    rows: tuple[Inner, ...] = ()
    names: tuple[str, ...] = ()


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        validate(Outer, read_text(text, "f"))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("one: {size: 1, knd: y}", "f:1:16: unknown key 'knd'; did you mean 'kind'?"),
        ("one: {size: 1, zzz: y}", "f:1:16: unknown key 'zzz'; known are kind, size"),
        ("one: {size: 1}\nmany: {a: {sise: 1, size: 1}}",
         "f:2:12: unknown key 'sise'; did you mean 'size'?"),
        ("one: {size: 1}\nrows: [{size: 1, kin: x}]",
         "f:2:18: unknown key 'kin'; did you mean 'kind'?"),
        ("won: 1\none: {size: 1}", "f:1:1: unknown key 'won'; did you mean 'one'?"),
        ("names: [a]", "f:1:1: the key 'one' is missing; add it"),
        ("one: {kind: x}", "f:1:1: the key 'size' is missing; add it"),
        ("one: {size: 0}", "f:1:7: one.size: input should be greater than or equal to 1"),
        ("one: {size: 1, kind: 1}", "f:1:16: one.kind: must be text; quote it"),
        ("one: {size: 1}\nnames: a", "f:2:1: names: must be a list"),
        ("one: 1", "f:1:1: one: must be a mapping of keys to values"),
        ("one: {size: 1}\nmany: [a]", "f:2:1: many: must be a mapping of keys to values"),
        ("- a", "f:1:1: the file: must be a mapping of keys to values"),
        ("", "f: the key 'one' is missing; add it"),
    ],
)  # fmt: skip
def test_a_schemas_refusals_name_place_and_advice(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_problems_come_in_the_files_order() -> None:
    found = problems("rows: [{size: 0}]\none: {size: 0}\nmany: {a: {}}")
    assert [line.split(":")[1] for line in found] == ["1", "2", "3"]


def test_a_valid_document_is_its_model() -> None:
    outer = validate(Outer, read_text("one: {size: 2}\nnames: [a, b]", "f"))
    assert (outer.one.size, outer.names) == (2, ("a", "b"))


def test_suggestions() -> None:
    assert suggestion("injektion", ["injection", "pii"]) == "did you mean 'injection'?"
    assert suggestion("zzz", ("pii", "injection")) == "known are injection, pii"
    assert suggestion("zzz", []) == ""
