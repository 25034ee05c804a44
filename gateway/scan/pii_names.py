"""Names of people, known by what stands around them: titles, salutations, forms, first names.

No name is known by itself; a model that reads sentences finds more (see the Presidio scanner).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.name_words import FIRST_NAMES, NO_NAMES

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Check, Detector

__all__ = ["CAPITALISED", "DETECTORS", "proper"]

_UPPER: Final = "A-Z\u00c0-\u00de\u0100-\u017f\u0391-\u03a9\u0410-\u042f"
CAPITALISED: Final = rf"[{_UPPER}][\w'\u2019-]{{1,24}}"
"""A word that begins with a capital letter, or may."""
_PARTICLE: Final = "(?:van|von|de|der|den|del|della|di|da|dos|la|le|el|al|bin|ibn|ten|ter|zu|y) "
_NAME: Final = (
    rf"(?:[A-Z]\.? )?{CAPITALISED}(?: (?:{_PARTICLE}){{0,2}}(?:{CAPITALISED}|[A-Z]\.)){{0,3}}"
)
_FULL: Final = (
    rf"(?:[A-Z]\.? )?{CAPITALISED}(?: (?:{_PARTICLE}){{0,2}}(?:{CAPITALISED}|[A-Z]\.)){{1,3}}"
)
_PARTICLES: Final = frozenset(_PARTICLE[3:-2].split("|"))
_PLACES: Final = (
    "st. ",
    "saint ",
    "st ",
    "san ",
    "santa ",
    "lake ",
    "fort ",
    "port ",
    "mount ",
    "mt. ",
)


def proper(value: str) -> str:
    """The leading part of a candidate that may be a name; empty if none of it is.

    Ends before a word that is none, and without a possessive *'s*.
    """
    kept: list[str] = []
    for part in value.split(" "):
        bare = part.replace("\u2019", "'").lower()
        if bare.removesuffix("'s") in NO_NAMES or not (part[:1].isupper() or part in _PARTICLES):
            break
        kept.append(part)
        if bare.endswith("'s"):
            kept[-1] = part[:-2]
            break
    while kept and kept[-1] in _PARTICLES:
        kept.pop()
    name = " ".join(kept).rstrip("'-\u2019")
    # A single letter, or an abbreviation in capitals, is nobody.
    return "" if len(name) < 2 or (name.isupper() and len(name) < 4) else name


def _person(score: float) -> Check:
    """A name after something that promises one."""

    def check(found: Candidate) -> tuple[float, int] | None:
        name = proper(found.value)
        return (score, len(name)) if name and not _is_inside(found, name) else None

    return check


def _full(score: float) -> Check:
    """Two words at least; without a known first name it may be a thing."""

    def check(found: Candidate) -> tuple[float, int] | None:
        name = proper(found.value)
        if " " not in name or _is_inside(found, name):
            return None
        known = not FIRST_NAMES.isdisjoint(name.split())
        return (score if known else score - 0.1), len(name)

    return check


def _likely(found: Candidate) -> tuple[float, int] | None:
    """Whoever introduces themselves so may as well say what they are."""
    name = proper(found.value)
    known = name.split(" ")[0] in FIRST_NAMES
    return (0.6, len(name)) if known and not _is_inside(found, name) else None


def _known(found: Candidate) -> tuple[float, int] | None:
    """A first name and more."""
    if found.before[-1:].isalnum() or found.before[-6:].lower().endswith(_PLACES):
        return None
    name = proper(found.value)
    return (0.6, len(name)) if " " in name and not _is_inside(found, name) else None


def _said(found: Candidate) -> tuple[float, int] | None:
    """After *my name is* people also write in lower case."""
    value = found.value
    name = proper(value)
    if not name and value.islower():
        parts = value.split(" ")
        if parts[0].capitalize() in FIRST_NAMES:
            name = parts[0]
    return (0.8, len(name)) if name else None


def _greeted(found: Candidate) -> tuple[float, int] | None:
    name = proper(found.value)
    if not name or name != found.value.rstrip() or found.after not in (",", "!", "\n", ":", "-"):
        return None
    return 0.65, len(name)


def _is_inside(found: Candidate, name: str) -> bool:
    """Whether what follows makes it a part of an address, a path or a call."""
    rest = found.value[len(name) : len(name) + 1] or found.after
    return rest in ("@", "_", "/", "(", "=", "\\")


_TITLES: Final = (
    r"Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Judge|Senator|Herrn?|Frau|Monsieur|Madame|Mme|Mlle"
    r"|Se\u00f1ora?|Don|Do\u00f1a|Signora?|Dott|Dottor|Dottoressa|Ing|Pani"
)
_SAYS: Final = (
    r"(?:my|her|his|their) (?:full |first |last |real )?name is|(?:i am|she is|he is) (?:called"
    r"|named)"
    r"|name'?s|goes by|je m'appelle|mon nom est|ich hei(?:\u00df|ss)e|mein name ist|me llamo"
    r"|mi nombre es|mi chiamo|il mio nome \u00e8|nazywam si\u0119|mam na imi\u0119|jag heter"
    r"|nimeni on"
    r"|meu nome \u00e9|me chamo"
)
_FIELDS: Final = (
    r"(?:full|first|last|given|family|middle|sur|maiden|patient|customer|client|employee|applicant"
    r"|card ?holder|account ?holder|contact|legal|recipient|sender)[ _-]?names?"
    r"|patient|cardholder|account holder|policyholder|beneficiary|applicant|attn|contact person"
    r"|nachname|vorname|pr\u00e9nom|nom de famille|apellidos?|cognome|nazwisko|imi\u0119"
)
_ROLES: Final = (
    "customer|client|patient|employee|policy ?holder|account holder|account owner|cardholder"
    "|applicant|resident|tenant|user|agent|manager|nurse|attorney|lawyer|teacher|student|director"
    "|author|adjuster|administrator|officer|recipient|individual|member|colleague|boss|wife|husband"
    "|son|daughter|friend|brother|sister|mother|father|doctor|neighbou?r|landlord|founder|named"
    "|contact"
)
_CLOSINGS: Final = (
    r"regards|sincerely|yours truly|yours faithfully|best wishes|cheers|many thanks|thank you"
    r"|thanks"
    r"|gr\u00fc(?:\u00df|ss)en?|cordialement|bien \u00e0 vous|atentamente|saludos|cordiali saluti"
    r"|distinti saluti|pozdrawiam"
)
_GREETINGS: Final = (
    r"dear|hi|hello|hey|good morning|good afternoon|liebe[rs]?|hallo|cher|ch\u00e8re|bonjour"
    r"|estimad[oa]"
    r"|querid[oa]|hola|car[oa]|gentile|ciao"
)

DETECTORS: Final[tuple[Detector, ...]] = (
    make("pii", "PERSON", rf"\b(?:{_TITLES})\.? ({_NAME})", _person(0.7), group=1, rule="title"),
    make(
        "pii",
        "PERSON",
        rf"\b(?i:{_SAYS}) (?:(?:{_TITLES})\.? )?({_NAME}|[a-z]{{2,12}}\b)",
        _said,
        group=1,
        rule="says-name",
    ),
    make(
        "pii",
        "PERSON",
        rf"\b(?:I am|I'm|This is|this is|Ich bin|ich bin|Je suis|je suis|Soy|soy|Sono) ({_NAME})",
        _likely,
        group=1,
        rule="says-to-be",
    ),
    make(
        "pii",
        "PERSON",
        rf"\b(?i:{_FIELDS})[\"']?[ \t]{{0,3}}[:=][ \t]{{0,3}}[\"']?({_NAME})",
        _person(0.6),
        group=1,
        rule="name-field",
    ),
    make(
        "pii",
        "PERSON",
        rf"\b(?i:name|nom|nombre|nome)[\"']?[ \t]{{0,3}}[:=][ \t]{{0,3}}[\"']?({_FULL})",
        _full(0.6),
        group=1,
        rule="name",
    ),
    make(
        "pii",
        "PERSON",
        rf"\b(?:{_ROLES}),? ({_FULL})",
        _full(0.6),
        group=1,
        rule="role",
    ),
    make(
        "pii",
        "PERSON",
        rf"\b(?i:{_CLOSINGS})[,.!]{{0,1}}[ \t]{{0,2}}\r?\n\s{{0,4}}({_NAME})",
        _person(0.7),
        group=1,
        rule="signature",
    ),
    make(
        "pii",
        "PERSON",
        rf"\b(?i:{_GREETINGS}),? ({_NAME})",
        _greeted,
        group=1,
        rule="salutation",
    ),
    make(
        "pii",
        "PERSON",
        rf"\b(?:{'|'.join(sorted(FIRST_NAMES))}) (?:[A-Z]\. )?(?:{_PARTICLE}){{0,2}}{CAPITALISED}",
        _known,
        rule="first-name",
        trigger="[A-Z][^ ]{1,13} ",
    ),
)
