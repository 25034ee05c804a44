"""Secrets that people tell one another: passwords and keys in sentences, lists and tables.

In every language that the injection rules know, and in Dutch and Polish. The value is of ASCII, as
those are that people are told to choose; it must look like a password, or random after the name of
a key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.regex import Regex
from gateway.scan.secrets_assigned import SOME, assigned, is_variable, looks_like_a_password

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["SPOKEN"]

_SIGNED: Final = re.compile(r"[:=\uff1a\uff1d][\s\"'`*“„«「『]*\Z")
_WORD: Final = re.compile(r"[A-Za-z]+\d{0,4}[.!?]?")
"""A word, or a name with a number: ``Windows11``."""
_SHORT: Final = 8


def _chosen(found: Candidate) -> float | None:
    """A password that people chose; behind no sign one that is no word with a number either."""
    value = found.value
    if found.after in ("(", "[", "{", "/") or not looks_like_a_password(value):
        return None
    told = _SIGNED.search(found.before) is not None and len(value) >= _SHORT
    if not told and _WORD.fullmatch(value):
        return None
    return None if is_variable(found) else 0.75


# Each begins with a whole word or a letter beyond ASCII: it is told fast where one may begin.
_ENGLISH: Final = r"\b(?:password|passphrase|passcode|passwd|access code|pw\b)"
_EUROPE: Final = (
    r"(?:\b(?:passwort|kennwort|zugangscode|wachtwoord|mot de passe|mdp\b|code d'accès|contraseña|"
    r"contrasena|clave|senha|palavra[- ]passe|parola(?: d'ordine)?|sifre|hasł|haslo)|"
    r"şifre|парол|кодовое слово)"
)
_EAST: Final = (
    r"(?:密码|密碼|口令|パスワード|パスコード|暗証番号|暗証|合言葉|비밀번호|비번|암호|패스워드|"
    r"كلمة (?:المرور|السر)|كلمه (?:المرور|السر)|الرمز السري|رمز الدخول|पासवर्ड|पासकोड|कूटशब्द)"
)
_KEY: Final = (
    r"(?:\b(?:token|api[- ]?key|secret key|access key|api[- ]?schlüssel|geheimschlüssel|jeton|"
    r"clé (?:d'|de l'|secrète|privée)(?:api)?|(?:clave|chave|chiave)[ _](?:de |da |do |di )?"
    r"(?:api|secreta|segreta|privada|privata)|(?:api|gizli) anahtar|api[- ]?(?:ключ|キー|키|कुंजी))|"
    r"erişim anahtar|токен|(?:секретный |приватный )ключ|ключ api|密钥|密鑰|秘钥|金鑰|令牌|"
    r"(?:アクセス|シークレット)キー|秘密鍵|トークン|(?:비밀|액세스) ?키|토큰|"
    r"مفتاح (?:api|الوصول|سري|واجهة)|رمز الوصول|गुप्त कुंजी|टोकन)"
)
_MORE: Final = r"[a-z\x80-\U0010ffff]{0,4}"
_WHOSE: Final = (
    r"(?: (?:for|of|to|on|at|für|zum|zur|von|pour|de|du|del|della|dello|do|da|para|per|от|для|к) "
    r"(?:[\w.'@-]{1,20} ){0,2}[\w.'@-]{1,20}| (?:we|i|you|they) (?:use|have|set|need))?"
)
_IS: Final = (
    r"(?:\s{0,2}(?:[:=\uff1a\uff1d|→]|->|=>|\()\s{0,2}|\s{1,2}[-\u2013—]\s{1,2}|\t| "
    r"(?:(?:should|will|must) be|is|was|to|ist|lautet|war|est|es|era|será|é|è|это|to jest) {1,2})"
)
_THEN: Final = (
    r"(?:[\s:\uff1a=\uff1d]|是|为|為|は|が|を|은|는|이|가|을|를|هي|هو|है|था|को|"
    r"设置?|設定|成){1,6}"
)
_ONES: Final = r"(?:(?:the|a|my|your|his|her|its|our|their|s) )?(?:[a-z]{1,12} )?"
_OPEN: Final = r"(?:\*{1,2} )?[\"'`*“„«「『]{0,3}"
_VALUE: Final = r"([A-Za-z0-9!#$%*+./:=?@^_~-]{6,128})"


_ANY_PASSWORD: Final = f"(?:{_ENGLISH}|{_EUROPE}|{_EAST})"
_WHO: Final = (
    r"(?:(?:\b(?:user(?:name)?|login|log in|credentials|creds|zugangsdaten|benutzer|anmeldung|"
    r"identifiants|usuario|usuário|utente)|логин|账号|用户名|ログイン|아이디)"
    r"(?:[:=\uff1a ]| with| as| are| is){1,3}[^\s,;/|]{1,64}|[a-z0-9]@[a-z0-9.-]{3,64})"
)


def _told(rule: str, pattern: str, check: object, trigger: str = "") -> Detector:
    return make(
        "secrets",
        "GENERIC_SECRET",
        pattern,
        check,  # type: ignore[arg-type]
        group=1,
        ignore_case=True,
        rule=rule,
        zones=SOME,
        trigger=trigger,
    )


SPOKEN: Final[tuple[Detector, ...]] = (
    _told(
        "password-told",
        rf"(?:{_ENGLISH}|{_EUROPE}){_MORE}{_WHOSE}\*{{0,2}}{_IS}{_OPEN}{_VALUE}",
        _chosen,
    ),
    _told(
        "password-told-plainly", rf"(?:парол|şifre|{_EAST}){_MORE}{_THEN}{_OPEN}{_VALUE}", _chosen
    ),
    _told("key-told", rf"{_KEY}{_MORE}{_WHOSE}\*{{0,2}}{_IS}{_OPEN}{_VALUE}", assigned),
    _told("key-told-plainly", rf"{_KEY}{_MORE}{_THEN}{_OPEN}{_VALUE}", assigned),
    _told(
        "login-told",
        rf"{_WHO}[\s,;'\"]{{1,3}}(?:and |with |und |et |y |e )?{_ONES}"
        rf"{_ANY_PASSWORD}{_MORE}[\s:=\uff1a]{{1,3}}{_OPEN}{_VALUE}",
        _chosen,
        trigger=Regex(_ANY_PASSWORD, ignore_case=True).trigger,
    ),
    _told(
        "login-pair-told",
        rf"{_WHO}\s{{1,2}}[/|]\s{{1,2}}{_OPEN}{_VALUE}",
        _chosen,
        trigger=r"\s[/|]\s",
    ),
    _told(
        "password-to-use",
        rf"\b(?:use|try|enter|type|set|choose) {_OPEN}{_VALUE}[\"'`”]{{0,2}} (?:as|for) "
        rf"{_ONES}{_ENGLISH}",
        _chosen,
    ),
)
"""What is a secret because somebody says so."""
