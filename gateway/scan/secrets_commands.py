"""Secrets where a command, a header or a file of its own kind expects them.

No telling name stands before such a value: the command and its option say what it is, or the place
in the file does. The value must look like a password, or random, as after a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.scan.detector import make
from gateway.scan.secrets_assigned import (
    assigned,
    is_pair,
    looks_like_a_password,
    looks_random,
    user,
)

if TYPE_CHECKING:
    from gateway.scan.detector import Candidate, Detector

__all__ = ["COMMANDS"]

_PUBLIC: Final = ("public", "private")
_QUOTE: Final = "[\"'`]"
_VALUE: Final = r"([^\s\"'`,;<>(){}\[\]]{6,256})"
_PROGRAMS: Final = (
    r"(?:docker\s{1,2}login|podman\s{1,2}login|helm registry login|sshpass|mysql|mysqldump|"
    r"mysqladmin|mariadb|mongo|mongosh|mongodump|redis-cli|ldapsearch|ldapadd|ldapmodify|az login|"
    r"sqlcmd|smbclient|rabbitmqadmin|influx)"
)
_TELLING: Final = (
    r"(?:api[_-]?key|access[_-]?key|secret|token|password|passwd|passphrase|private[_-]?key|auth)"
)


def _password(found: Candidate) -> float | None:
    variable = found.value.startswith("$") or found.after in ("(", "{", "[")
    return 0.75 if not variable and looks_like_a_password(found.value) else None


def _session(found: Candidate) -> float | None:
    return 0.7 if looks_random(found.value) else None


def _pair(found: Candidate) -> float | None:
    return 0.9 if is_pair(found.value) else None


def _community(found: Candidate) -> float | None:
    return None if found.value.lower() in _PUBLIC else _password(found)


def _reversible(found: Candidate) -> float | None:
    """A password of Cisco's type 7: two digits below 16, then pairs of hexadecimal digits."""
    return 0.75 if len(found.value) % 2 == 0 and int(found.value[:2]) < 16 else None


def _secret(  # noqa: PLR0913 - one argument per attribute
    entity: str, rule: str, pattern: str, check: object, *, case: bool = False, trigger: str = ""
) -> Detector:
    return make(
        "secrets",
        entity,
        pattern,
        check,  # type: ignore[arg-type]
        group=1,
        ignore_case=not case,
        rule=rule,
        trigger=trigger,
    )


COMMANDS: Final[tuple[Detector, ...]] = (
    _secret(
        "GENERIC_SECRET",
        "program-password",
        rf"\b{_PROGRAMS}\b[^\n|;&]{{0,160}}\s--?(?:p|a|w|P|pass)[ =]{{0,2}}{_QUOTE}?{_VALUE}",
        _password,
        case=True,
    ),
    _secret(
        "GENERIC_SECRET",
        "environment-command",
        rf"\b(?:ENV|ARG|setenv|setx|set -g?xU?|set -Ux)\s{{1,3}}\w{{0,32}}(?i:{_TELLING})"
        rf"\w{{0,16}}\s{{1,3}}{_QUOTE}?{_VALUE}",
        assigned,
        case=True,
    ),
    _secret(
        "GENERIC_SECRET",
        "terraform-variable",
        rf"\bvariable\s{{1,3}}\"[a-z0-9_-]{{0,32}}{_TELLING}[a-z0-9_-]{{0,16}}\"\s{{0,3}}\{{"
        rf"[^{{}}]{{0,200}}\bdefault\s{{0,8}}=\s{{0,3}}\"{_VALUE}\"",
        _password,
    ),
    _secret(
        "GENERIC_SECRET",
        "secure-string",
        rf"\bConvertTo-SecureString\s{{1,3}}(?:-String\s{{1,3}})?{_QUOTE}{_VALUE}{_QUOTE}",
        _password,
    ),
    _secret(
        "GENERIC_SECRET",
        "option-password",
        # Of the programs whose option for a password is one letter or a word of their own.
        r"(?:\bopenssl\b[^\n|;&]{0,160}\s-(?:k|K|pass(?:in|out)?) (?:pass:)?|"
        r"\b(?:zip|unzip|7za?|rar|unrar)\b[^\n|;&]{0,80}\s-(?:P|p|hp) ?|"
        r"\b(?:keytool|jarsigner)\b[^\n|;&]{0,160}\s-(?:store|key|deststore|srcstore)pass |"
        r"\bhtpasswd\b[^\n|;&]{0,80}\s-\w{0,4}b\w{0,4} \S{1,64} \S{1,64} )"
        rf"{_QUOTE}?{_VALUE}",
        _password,
        case=True,
        trigger="openssl|zip|7z|rar|keytool|jarsigner|htpasswd",
    ),
    _secret(
        "GENERIC_SECRET",
        "piped-password",
        rf"\b(?:echo|printf)\s(?:-n )?{_QUOTE}?{_VALUE}{_QUOTE}?\s{{0,3}}\|\s{{0,3}}"
        r"(?:sudo -\w{0,4}S|[^\n|;&]{0,80}--password-stdin)",
        _password,
        case=True,
    ),
    _secret(
        "GENERIC_SECRET",
        "statement-password",
        r"\b(?:identified by|identified with \w{1,32} (?:by|as)) (?:password )?"
        rf"{_QUOTE}?{_VALUE}",
        _password,
    ),
    _secret(
        "GENERIC_SECRET",
        "setting-password",
        rf"\b(?:requirepass|masterauth|auth_pass|bindpw|rootpw|ldap_bind_passwd|ppp_pass)\s{{1,8}}"
        rf"{_QUOTE}?{_VALUE}",
        _password,
    ),
    _secret(
        "GENERIC_SECRET",
        "set-key",
        r"\b(?:configure|config|secrets?) set (?:--?\S{1,32} ){0,2}"
        rf"\w{{0,32}}{_TELLING}\w{{0,16}}[ =]{_QUOTE}?{_VALUE}",
        assigned,
    ),
    _secret(
        "GENERIC_SECRET",
        "secret-body",
        rf"\bgh secret set \S{{1,64}} (?:--body|-b)[ =]{_QUOTE}?{_VALUE}",
        _session,
    ),
    _secret(
        "GENERIC_SECRET",
        "login-pair",
        # What is given as a name and a password, one behind the other.
        r"(?:\b(?:http)?basicauth\(|\bauth[\"']?\s?[:=]\s?[(\[]|\bgetconnection\([^()\n]{1,160}?,)\s?"
        rf"{_QUOTE}[^\s\"'`]{{1,64}}{_QUOTE},\s?{_QUOTE}{_VALUE}{_QUOTE}",
        _password,
    ),
    _secret(
        "GENERIC_SECRET",
        "mounted-share",
        rf"\bnet use (?:\S{{1,3}} )?\\\\\S{{3,128}} {_VALUE} /user:",
        _password,
    ),
    _secret(
        "BASIC_AUTH",
        "basic-auth",
        rf"\bbasic_?auth{_QUOTE}?\s?[:=]\s?{_QUOTE}([a-z0-9._-]{{1,64}}:[^\s\"'`]{{6,128}}){_QUOTE}",
        user,
    ),
    _secret("GENERIC_SECRET", "net-user", rf"\bnet user \S{{1,64}} {_VALUE} /add", _password),
    _secret(
        "GENERIC_SECRET",
        "cookie",
        r"cookie[\"']?\s{0,3}[:=][^\n\"']{0,200}?\b[a-z0-9_.-]{0,24}(?:sess|sid|auth|jwt|token)"
        r"[a-z0-9_.-]{0,24}=([a-z0-9%._~+/-]{16,512})",
        _session,
    ),
    _secret(
        "GENERIC_SECRET",
        "snmp-community",
        r"\bsnmp-server community (\S{6,64})",
        _community,
    ),
    _secret(
        "PASSWORD_HASH",
        "cisco-type-7",
        r"\b(?:password|secret|key)\s{1,2}7\s{1,2}([01][0-9][0-9A-F]{6,62})\b",
        _reversible,
    ),
    _secret(
        "BASIC_AUTH",
        "chpasswd",
        r"\b([a-z0-9._-]{1,32}:[^\s\"'`|]{6,128})[\"']?\s{0,3}\|\s{0,3}(?:sudo\s{1,2})?chpasswd",
        user,
    ),
    _secret(
        "BASIC_AUTH",
        "npmrc-auth",
        rf"\b_auth\s{{0,2}}=\s{{0,2}}{_QUOTE}?([A-Za-z0-9+/]{{8,256}}={{0,2}})",
        _pair,
        case=True,
    ),
    _secret(
        "CONNECTION_STRING",
        "oracle-thin",
        r"(?:\bjdbc:oracle:thin:|\b(?:sqlplus|exp|imp|expdp|impdp|rman target) )[^\s/@:]{1,64}/"
        r"([^\s@\"'/]{3,128})@",
        _password,
    ),
)
"""What is a secret because of the command or the file that it stands in."""
