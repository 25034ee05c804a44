"""Places and organisations, known by their forms: street addresses, legal forms, telling words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.pii_names import CAPITALISED, proper

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Check, Detector

__all__ = ["DETECTORS"]

_OPENERS: Final = frozenset(("The", "A", "An", "This", "Our", "Your", "My", "In", "At", "If", "Is"))
_UNIT: Final = (
    r"(?:,?\s(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|#)\.? ?#?[0-9A-Za-z-]{1,6})?"
)
_STREETS: Final = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Square|Sq|Place|Pl|Way"
    "|Terrace|Highway|Hwy|Parkway|Pkwy|Close|Crescent|Circle|Cir|Trail|Broadway|Row|Mews|Gardens"
)
_GERMAN: Final = "stra\u00dfe|strasse|str\\.|weg|platz|allee|gasse"
_ROMANCE: Final = (
    "[Cc]alle|[Aa]venida|[Pp]laza|[Pp]aseo|Via|Viale|Piazza|Corso|[Uu]l\\.|[Uu]lica|Rua|Pra\u00e7a"
    "|Travessa"
)
_STATES: Final = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]"
    "|UT|V[AT]|W[AIVY]"
)
_LEGAL: Final = (
    r"Inc|LLC|Ltd|Limited|Corp|Corporation|GmbH|AG|Co\. KG|KGaA|OHG|S\.A\.|S\.p\.A\.|SpA|S\.r\.l\."
    r"|Srl|B\.V\.|BV|N\.V\.|Oyj|ASA|PLC|plc|LLP|Pty|SARL|SAS|Bank|University|Hospital|Insurance"
    r"|Holdings|Associates|Healthcare|Pharmaceuticals|Technologies|Airlines|Credit Union|Foundation"
)
_LIVES: Final = (
    r"lives? in|lived in|living in|resid(?:es|ing|ed) (?:in|at)|resident of|born in|moved to"
    r"|grew up in|hometown(?: is|:)|place of birth:?|birthplace:?|wohnt in|wohnhaft in|geboren in"
    r"|habite \u00e0|n\u00e9e? \u00e0|vive en|nacid[oa] en|abita a|nat[oa] a|mieszka w"
)
_PLACE: Final = "city|town|country|province|county|wohnort|stadt|ville|ciudad|citt\u00e0|miasto"
_ADDRESS: Final = "address|addr|adresse|anschrift|direcci\u00f3n|indirizzo|street"
_WORKS: Final = (
    r"works? (?:at|for)|worked (?:at|for)|working (?:at|for)|employed (?:at|by)|employee of"
    r"|(?:ceo|cfo|cto|founder|head) of|arbeitet bei|travaille chez|trabaja en"
    r"|lavora (?:in|presso)|(?:company|employer|organi[sz]ation|firma)(?: name)?[\"']?:"
)
_RECORD: Final = (
    r"mrn|medical record(?: number| no\.?| #)?|health record(?: number)?"
    r"|patient (?:id|number|no\.?)"
    r"|chart (?:number|no\.?)|patientennummer|num\u00e9ro de dossier"
)
_TITLED: Final = rf"{CAPITALISED}(?:[ -]{CAPITALISED}){{0,3}}"
_LINE: Final = r"[0-9]{1,5}[A-Za-z]?,? [A-Z\u00c0-\u017f][^\n;:\"<>{}()]{4,60}"


def _certain(score: float) -> Check:
    def check(found: Candidate) -> tuple[float, int] | None:
        before = found.before[-1:]
        value = found.value.rstrip(" ,.-")
        return (score, len(value)) if not before.isalnum() and before not in ("_", "/") else None

    return check


def _named(score: float) -> Check:
    def check(found: Candidate) -> tuple[float, int] | None:
        name = proper(found.value)
        rest = found.value[len(name) : len(name) + 1] or found.after
        return (score, len(name)) if name and rest not in ("(", "_", "=") else None

    return check


def _organisation(found: Candidate) -> tuple[float, int] | None:
    value = found.value.rstrip(" ,")
    first = value.split(" ")[0]
    if found.before[-1:].isalnum() or first in _OPENERS:
        return None
    return (0.6, len(value)) if first[0].isupper() and not found.after.isalnum() else None


def _record(found: Candidate) -> float | None:
    return 0.75 if not found.after.isalnum() and any(map(str.isdigit, found.value)) else None


DETECTORS: Final[tuple[Detector, ...]] = (
    make(
        "pii",
        "LOCATION",
        rf"\b\d{{1,5}}[A-Za-z]?,? (?:(?:{CAPITALISED}|\d{{1,3}}(?:st|nd|rd|th)|[NSEW]\.?) ){{1,4}}"
        rf"(?:{_STREETS})\b\.?{_UNIT}",
        _certain(0.65),
        rule="street",
        trigger=f" (?:{_STREETS})",
    ),
    make(
        "pii",
        "LOCATION",
        rf"\b{CAPITALISED}, (?:{_STATES}) \d{{5}}(?:-\d{{4}})?\b",
        _certain(0.65),
        rule="city-state-zip",
        trigger=r", [A-Z]{2} [0-9]{5}",
    ),
    make(
        "pii",
        "LOCATION",
        rf"\b(?:[A-Z\u00c4\u00d6\u00dc][\w-]{{1,24}}[ -]?)?(?i:{_GERMAN}) ?\d{{1,4}} ?[a-z]?\b"
        rf"(?:,? \d{{5}} {CAPITALISED})?",
        _certain(0.6),
        rule="street-german",
        trigger=f"(?i:{_GERMAN}) ?[0-9]",
    ),
    make(
        "pii",
        "LOCATION",
        r"\b\d{1,4}(?: bis| ter)?,? (?:rue|avenue|boulevard|place|chemin|impasse|all\u00e9e|quai) "
        rf"(?:(?:de|du|des|la|le|les|d'|l') ?){{0,3}}{CAPITALISED}(?:[ -]{CAPITALISED}){{0,3}}",
        _certain(0.65),
        rule="street-french",
    ),
    make(
        "pii",
        "LOCATION",
        rf"\b(?:{_ROMANCE}) (?:(?:de|del|della|di|la|las|los|da|das|do|dos) ){{0,2}}{CAPITALISED}"
        rf"(?: (?:de |del |di )?{CAPITALISED}){{0,3}},? (?:n\.?[\u00ba\u00b0]? ?)?\d{{1,4}}\b",
        _certain(0.65),
        rule="street-romance",
    ),
    make("pii", "LOCATION", r"\b(?i:p\.? ?o\.? box) \d{1,6}\b", _certain(0.6), rule="po-box"),
    make(
        "pii",
        "LOCATION",
        r"\b(?i:(?:zip|postal|post)[ _-]?code|zip)(?: is| to|:|[\"'] ?:|=)? ?[\"']?"
        r"(\d{5}(?:-\d{4})?)\b",
        _certain(0.6),
        group=1,
        rule="zip-code",
    ),
    make(
        "pii",
        "LOCATION",
        rf"\b(?i:{_LIVES}) ({_TITLED}(?:, {CAPITALISED})?)",
        _named(0.6),
        group=1,
        rule="lives-in",
    ),
    make(
        "pii",
        "LOCATION",
        rf"\b(?i:{_PLACE})[\"']?[ \t]{{0,2}}[:=][ \t]{{0,2}}[\"']?({_TITLED})",
        _named(0.55),
        group=1,
        rule="place-field",
    ),
    make(
        "pii",
        "LOCATION",
        rf"\b(?i:{_ADDRESS})(?: is| to|:|[\"']?[ \t]?[:=])[ \t]{{0,2}}[\"']?({_LINE})",
        _certain(0.7),
        group=1,
        rule="address-field",
    ),
    make(
        "pii",
        "ORGANIZATION",
        rf"\b{CAPITALISED}(?:,? (?:{CAPITALISED}|&|and|of|de|und|y|e)){{0,4}},? (?:{_LEGAL})\b\.?",
        _organisation,
        rule="legal-form",
        trigger=rf" (?:{_LEGAL})",
    ),
    make(
        "pii",
        "ORGANIZATION",
        rf"\b(?i:{_WORKS}) [\"']?({_TITLED})",
        _named(0.55),
        group=1,
        rule="works-at",
    ),
    make(
        "pii",
        "MEDICAL_RECORD_NUMBER",
        rf"\b(?i:{_RECORD})(?: is)?[\"']?[ \t]{{0,2}}[:#=]{{0,2}}[ \t]{{0,2}}[\"']?"
        r"((?:[A-Z]{1,5}-?)?\d[\d-]{3,14}[A-Z]?)\b",
        _record,
        group=1,
    ),
)
