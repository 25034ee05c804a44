"""What a tree says of the beginning of its matches."""

from __future__ import annotations

from re import _parser as parser  # type: ignore[attr-defined]

import pytest

from gateway.scan.beginnings import cut, first, starts_words


@pytest.mark.parametrize(
    ("source", "count", "nodes"),
    [
        ("abcde", 3, 3),
        ("abc", 3, None),
        ("abc?", 3, None),
        ("abc?d", 2, 2),
        (r"\babcd", 3, 4),
        ("(?:secret|key)[a-z]{8}", 3, 1),
        ("(?:secret|k)[a-z]{8}x", 3, 2),
        ("(?:secret|key)[a-z]*", 4, None),
        ("[a-z]+@[a-z]+", 2, 2),
        ("(?:abc|def)", 1, None),
        ("(?:abc|def)?", 1, None),
    ],
)
def test_the_first_nodes_have_so_many_characters_of_every_match(
    source: str, count: int, nodes: int | None
) -> None:
    tree = parser.parse(source)
    found = first(tree, count)
    assert (found and len(found)) == nodes
    if found is not None:
        # Whole, as what follows one way through a choice need not follow another.
        assert found == list(tree)[:nodes]


def test_what_is_cut_holds_the_first_characters_and_little_more() -> None:
    (branch,) = cut(parser.parse("(?:abcdef|x)yz"), 1)
    assert [len(one) for one in branch[1][1]] == [1, 1]
    assert len(cut(parser.parse("abcdef"), 4)) == 4


@pytest.mark.parametrize(
    ("source", "starts"),
    [(r"\ba", True), ("-a", True), ("a", False), ("_", False), (r"(?:\ba|-b)", True)],
)
def test_what_begins_at_words_and_signs_only(source: str, *, starts: bool) -> None:
    assert starts_words(list(parser.parse(source))) is starts
    assert starts_words(list(parser.parse(f"({source})b"))) is starts
