r"""Regular expressions as trees, so that other expressions can be derived from them.

One expression of a detector is written four ways: for RE2 (where exactly is a match), for
Hyperscan (is there any), and reversed as the language of its prefixes (could a match still be
growing at the end of a text). Python's own parser reads the source; its tree is translated, so all
of them mean the same. The dialect is what these engines share: no look-around, no back-references,
no anchors but ``\b``; ``\d`` is ``[0-9]``, ``\w`` an ASCII letter, digit, underscore or
any character beyond ASCII, so that automata stay small.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import cached_property
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Final

from gateway.scan.beginnings import cut, first, starts_words
from gateway.scan.factor import COLLAPSE, factor, literals
from gateway.scan.needs import needs_of
from gateway.scan.telling import telling

if TYPE_CHECKING:
    from gateway.scan.needs import Needs
    from gateway.scan.telling import Telling

__all__ = ["Regex", "RegexError"]

_LEAVES: Final = (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN)
_TELLING: Final = 2
_NARROW: Final = 40
_LETTERS: Final = ((ord("A"), ord("Z")), (ord("a"), ord("z")))
_NEGATED: Final = {
    sre.CATEGORY_NOT_DIGIT: sre.CATEGORY_DIGIT,
    sre.CATEGORY_NOT_SPACE: sre.CATEGORY_SPACE,
    sre.CATEGORY_NOT_WORD: sre.CATEGORY_WORD,
}
_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: "0-9",
    sre.CATEGORY_SPACE: r"\t-\r \x{85}\x{a0}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{3000}",
    sre.CATEGORY_WORD: r"0-9A-Za-z_\x{80}-\x{10ffff}",
}


class RegexError(Exception):
    """The expression cannot be read, or uses what this dialect does not have."""


@dataclass(frozen=True, slots=True)
class _Style:
    """How a tree is written down."""

    loose: bool = False
    prefix: bool = False
    reverse: bool = False


_EXACT: Final = _Style()
_HEAD: Final = _Style()
"""The same, without groups to be told."""
_TRIGGER: Final = _Style(loose=True)
_AHEAD: Final = _Style(loose=True, prefix=True)
_BEHIND: Final = _Style(loose=True, prefix=True, reverse=True)


class Regex:
    """One expression, in every form that scanning needs.

    Attributes:
        exact: The expression for RE2.
        trigger: A looser one for Hyperscan: it matches in every text that ``exact`` matches in.
        head: One for RE2 of what every match begins with; empty where that is no word or sign.
        starts_words: Whether no match begins between two letters, digits or underscores of ASCII.
        telling: Strings of which some stand in every match; none are told unless asked for.
        shortest: Fewest characters of a match.
        longest: Most characters of a match; very large when unbounded.
    """

    def __init__(self, source: str, *, ignore_case: bool = False, tell: bool = False) -> None:
        """Parse ``source``; ``tell`` what is telling of it as well.

        Raises:
            RegexError: It is no expression of this dialect.
        """
        tree, flags = _parse(source)
        if ignore_case:
            flags |= re.IGNORECASE
        self._source = source
        self._fold = fold = "(?i)" if flags & re.IGNORECASE else ""
        self._dot_all = dot_all = bool(flags & re.DOTALL)
        self.exact = fold + _sequence(list(tree), _EXACT, dot_all=dot_all)
        self.trigger = fold + _sequence(factor(list(tree)), _TRIGGER, dot_all=dot_all)
        self.head = _head(tree, fold, dot_all=dot_all)
        self.starts_words = bool(tree) and starts_words(list(tree))
        self.telling: Telling = telling(tree) if tell else ()
        self.shortest, self.longest = tree.getwidth()

    @cached_property
    def ahead(self) -> str:
        """The prefixes of all matches, and possibly some more."""
        return self._prefixes(_AHEAD)

    @cached_property
    def behind(self) -> str:
        """The same reversed.

        It is what stands, read from the end, at the end of a text in which a match may be growing.
        """
        return self._prefixes(_BEHIND)

    @cached_property
    def needs(self) -> Needs:
        """What stands in every match in a text of ASCII."""
        tree, _ = _parse(self._source)
        return needs_of(list(tree))

    def starts(self, count: int) -> str:
        """The prefixes, of up to so many characters, of all matches, and possibly some more."""
        tree, _ = _parse(self._source)
        return self._with_flags(_prefixes(cut(tree, count), _AHEAD, dot_all=self._dot_all))

    def begins(self, count: int) -> tuple[str, str] | None:
        """What at least so many characters of every match are in, and the same half done.

        Returns:
            A looser expression of it, and one of its prefixes reversed; None where that is all.
        """
        nodes = first(_parse(self._source)[0], count)
        if nodes is None:
            return None
        begun = _prefixes(nodes, _BEHIND, dot_all=self._dot_all)
        whole = _sequence(nodes, _TRIGGER, dot_all=self._dot_all)
        return self._with_flags(whole), self._with_flags(begun)

    def _prefixes(self, style: _Style) -> str:
        """Long, and needed one way only; so it is written when somebody asks, from the source."""
        tree, _ = _parse(self._source)
        return self._with_flags(_prefixes(list(tree), style, dot_all=self._dot_all))

    def _with_flags(self, expression: str) -> str:
        return f"{self._fold}(?:{expression})"


def _parse(source: str) -> tuple[Any, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            tree = sre_parser.parse(source)
    except FutureWarning:
        raise RegexError("inside a class, [, &&, || and -- need a backslash") from None
    except (re.error, RecursionError, OverflowError) as error:
        reason = error.msg if isinstance(error, re.error) else "it is nested too deep"
        raise RegexError(f"it is not a regular expression: {reason}") from None
    return tree, tree.state.flags


def _sequence(nodes: list[Any], style: _Style, *, dot_all: bool) -> str:
    parts = [_node(nodes, index, style, dot_all=dot_all) for index in range(len(nodes))]
    return "".join(reversed(parts) if style.reverse else parts)


def _node(nodes: list[Any], index: int, style: _Style, *, dot_all: bool) -> str:
    op, value = nodes[index]
    if op in _LEAVES:
        leaf = _leaf(op, value, dot_all=dot_all)
        return f"(?-i:{leaf})" if style.prefix and _is_caseless(op, value) else leaf
    if op is sre.BRANCH:
        branches = (_sequence(list(branch), style, dot_all=dot_all) for branch in value[1])
        return f"(?:{'|'.join(branches)})"
    if op is sre.SUBPATTERN:
        return _group(value, style, dot_all=dot_all)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return _repeat(value, style, dot_all=dot_all)
    if op is sre.AT and value is sre.AT_BOUNDARY:
        return _boundary(nodes, index) if not style.loose else ""
    raise RegexError(_unsupported(op))


def _leaf(op: Any, value: Any, *, dot_all: bool) -> str:
    if op is sre.LITERAL:
        return _char(value)
    if op is sre.NOT_LITERAL:
        return f"[^{_char(value)}]"
    if op is sre.ANY:
        return "(?s:.)" if dot_all else r"[^\n]"
    return _class(value)


def _unsupported(op: Any) -> str:
    names = {
        sre.AT: "anchors other than \\b",
        sre.ASSERT: "look-ahead and look-behind",
        sre.ASSERT_NOT: "look-ahead and look-behind",
        sre.GROUPREF: "back-references",
    }
    return f"{names.get(op, str(op).lower().replace('_', ' '))} cannot be used"


def _group(value: Any, style: _Style, *, dot_all: bool) -> str:
    number, added, removed, body = value
    if (added | removed) & ~(re.IGNORECASE | re.DOTALL):
        raise RegexError("of the inline flags only i and s can be used")
    dot_all = (dot_all or bool(added & re.DOTALL)) and not removed & re.DOTALL
    inner = _sequence(list(body), style, dot_all=dot_all)
    if added & re.IGNORECASE or removed & re.IGNORECASE:
        inner = f"(?{'i' if added & re.IGNORECASE else '-i'}:{inner})"
    return f"({inner})" if number is not None and style is _EXACT else f"(?:{inner})"


def _repeat(value: Any, style: _Style, *, dot_all: bool) -> str:
    low, high, body = value
    return f"(?:{_sequence(list(body), style, dot_all=dot_all)}){_count(low, high, style)}"


def _count(low: int, high: int, style: _Style) -> str:
    unbounded = high is sre.MAXREPEAT
    if style.prefix and (unbounded or high > COLLAPSE or 1 < high != low):
        return "*" if low == 0 or high > COLLAPSE else "+"
    if style.loose and (unbounded or high > COLLAPSE):
        return f"{{{min(low, COLLAPSE)},}}"
    return f"{{{low},}}" if unbounded else f"{{{low},{high}}}"


def _boundary(nodes: list[Any], index: int) -> str:
    """RE2 knows ASCII boundaries only; beside another letter none is asked for."""
    beside = nodes[max(index - 1, 0) : index + 2]
    foreign = any(op is sre.LITERAL and value > 127 for op, value in beside)
    return "" if foreign else r"\b"


def _char(code: int) -> str:
    char = chr(code)
    return char if char.isascii() and char.isalnum() else f"\\x{{{code:x}}}"


def _class(items: list[Any]) -> str:
    negated = bool(items) and items[0][0] is sre.NEGATE
    items = items[1:] if negated else items
    inverse = [value for op, value in items if op is sre.CATEGORY and value in _NEGATED]
    plain = "".join(_member(op, value) for op, value in items if value not in inverse)
    if not inverse:
        return f"[{'^' * negated}{plain}]"
    if negated:
        raise RegexError("a negated class cannot hold \\D, \\S or \\W")
    branches = [f"[^{_CATEGORIES[_NEGATED[value]]}]" for value in inverse]
    return f"(?:{'|'.join([*branches, f'[{plain}]'] if plain else branches)})"


def _is_caseless(op: Any, value: Any) -> bool:
    """Whether a class has all that is no letter of ASCII, in either case.

    Two of those in ``[^a-z]`` are letters of ASCII in another case, and to leave them out where
    case is no matter takes RE2 twice as much for each class. It need not be told so exactly what
    may be open.
    """
    if op is not sre.IN or value[0][0] is not sre.NEGATE:
        return False
    ranges = [one for kind, one in value if kind is sre.RANGE]
    return all(letters in ranges for letters in _LETTERS)


def _member(op: Any, value: Any) -> str:
    if op is sre.LITERAL:
        return _char(value)
    if op is sre.RANGE:
        return f"{_char(value[0])}-{_char(value[1])}"
    return _CATEGORIES[value]


def _prefixes(nodes: list[Any], style: _Style, *, dot_all: bool) -> str:
    """Every prefix of the sequence: prefixes(ab) = prefixes(a) | a prefixes(b)."""
    built = ""
    for index in reversed(range(len(nodes))):
        if nodes[index][0] is sre.AT:
            continue
        built = _node_with(nodes, index, built, style, dot_all=dot_all)
    return built


def _node_with(nodes: list[Any], index: int, rest: str, style: _Style, *, dot_all: bool) -> str:
    """The prefixes of a node, and the node with the prefixes of what follows it.

    Each copy of a node doubles in the group around it, so it is written no oftener than it must be.
    """
    node = nodes[index]
    if node[0] in _LEAVES:
        return f"(?:{_joined(_node(nodes, index, style, dot_all=dot_all), rest, style)})?"
    prefixes = _node_prefixes(node, style, dot_all=dot_all)
    if not rest:
        # What is whole is a prefix of itself.
        return f"(?:{prefixes})"
    if node[0] in (sre.MAX_REPEAT, sre.MIN_REPEAT) and _count(node[1][0], node[1][1], style) == "*":
        body = f"(?:{_sequence(list(node[1][2]), style, dot_all=dot_all)})*"
        begun = _prefixes(list(node[1][2]), style, dot_all=dot_all)
        return _joined(body, f"(?:{rest}|{begun})", style)
    whole = _joined(_node(nodes, index, style, dot_all=dot_all), rest, style)
    return f"(?:{whole}|{prefixes})"


def _joined(first: str, then: str, style: _Style) -> str:
    return then + first if style.reverse else first + then


def _node_prefixes(node: Any, style: _Style, *, dot_all: bool) -> str:
    op, value = node
    if op is sre.BRANCH:
        branches = (_prefixes(list(one), style, dot_all=dot_all) for one in value[1])
        return "|".join(f"(?:{one})" for one in branches)
    if op is sre.SUBPATTERN:
        dot_all = (dot_all or bool(value[1] & re.DOTALL)) and not value[2] & re.DOTALL
        inner = _prefixes(list(value[3]), style, dot_all=dot_all)
        ignore = "i" if value[1] & re.IGNORECASE else "-i" if value[2] & re.IGNORECASE else ""
        return f"(?{ignore}:{inner})"
    _, high, body = value
    begun = f"(?:{_prefixes(list(body), style, dot_all=dot_all)})"
    if high == 1:
        return begun
    return _joined(_repeat((0, high, body), style, dot_all=dot_all), begun, style)


def _head(tree: Any, fold: str, *, dot_all: bool) -> str:
    """What every match begins with, as long as it is narrow; empty where it is no word."""
    count = len(tree)
    while count and (tree[:count].getwidth()[1] > _NARROW or tree[count - 1][0] is sre.AT):
        count -= 1
    nodes = list(tree[:count])
    told = literals(nodes) >= _TELLING
    return fold + _sequence(nodes, _HEAD, dot_all=dot_all) if told else ""
