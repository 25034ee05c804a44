"""Texts of pieces in which something begins, goes on or ends, and of pieces that mean nothing."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["TEXTS"]

WORDS = [
    *("the ", "quick ", "fox", " jumps", ". ", ", ", "\n\n", "a", "is ", "it's ", "(", ") ", "ab"),
    *("ignore ", "all previous ", "instructions ", "system ", "prompt", "project ", "bluebird "),
    *("secret ", "password", " = ", "'hunter2Zx9!q' ", "token: ", "john", "@", "example.com "),
    *("4111 ", "1111", "12", "+1 ", "212-555-0123 ", "8.8.", "::1 ", "DE89 ", "-----BEGIN "),
    *(
        "über ",
        "“so” ",
        "— ",
        "сегодня ",
        "记录了",
        "\uff0c",
        "の",
        "\u200b",
        "\u0301",
        "\uff06",
        "\uff4a",
    ),
    *("&", "&amp; ", "%20", "\\n", "\\u0069", "#", ";", "<|im_", "start|>", "=" * 3, "x" * 26, " "),
]
TEXTS = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), max_size=25)
