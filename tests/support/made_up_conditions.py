"""Conditions on parameters as policy files write them: mostly right, as plain JSON values."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from gateway.terms import EFFORTS, PARAMETERS

NUMBERS: Final[dict[str, list[Any]]] = {
    **{word: [0, 1, 2, 40, "1k"] for word in PARAMETERS},
    "max_tokens": [1, 2, 40, "1k"],
    "n": [1, 2, 3],
    "temperature": [0, 0.5, 1, 2],
    "top_p": [0, 0.5, 1],
    "reasoning_effort": list(EFFORTS),
    "stream": [True, False],
    "tool_choice": ["none", "auto", "required", "named"],
    "response_format": ["text", "json_object", "json_schema"],
}
GLOBS: Final = st.lists(st.sampled_from(["a*", "search", "?", "[ab]c"]), min_size=1, max_size=2)
TEXTS: Final = st.sampled_from(["a", "ab", "b", "You are kind."])
JUNK: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [None, True, -1, 2.5, 10**30, float("nan"), "x", "", "present", [], [1], {}, {"lte": None}]
)


def ranges(word: str) -> st.SearchStrategy[dict[str, Any]]:
    """Bounds of a parameter; they may cross."""
    return st.dictionaries(
        st.sampled_from(["lte", "gte"]), st.sampled_from(NUMBERS[word]), min_size=1
    )


def clamps(word: str) -> st.SearchStrategy[dict[str, Any]]:
    """What may be clamped of a parameter."""
    if word == "tools":
        return st.fixed_dictionaries({"names": GLOBS})
    if word == "system":
        return st.one_of(*(st.fixed_dictionaries({key: TEXTS}) for key in ("pinned", "prefix")))
    return ranges(word)


def conditions(word: str) -> st.SearchStrategy[Any]:
    """What may be said of a parameter, and sometimes what may not."""
    values = st.sampled_from(NUMBERS[word])
    said: list[st.SearchStrategy[Any]] = [
        values,
        ranges(word),
        st.sampled_from(["present", "absent", {"present": True}]),
        st.fixed_dictionaries({"in": st.lists(values, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"present": st.just(value=True), "eq": values}),
        st.dictionaries(st.sampled_from(["lte", "eq", "in", "count", "present"]), JUNK),
        JUNK,
    ]
    if word in {"tools", "system"}:
        more: dict[str, st.SearchStrategy[Any]] = {"any": GLOBS, "count": ranges("images")}
        said = [clamps(word), st.fixed_dictionaries(more), st.just("present"), JUNK]
    return st.one_of(said)
