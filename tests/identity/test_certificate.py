"""The client's certificate in the headers of TLS terminators."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest
from certificates import ClientCertificate, new_certificate
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unauthenticated
from gateway.identity.certificate import shown_certificate
from gateway.settings import CertificateSettings

FORMATS = ["rfc9440", "pem", "sha256", "xfcc"]
CERTIFICATE = new_certificate()
QUOTED = quote(CERTIFICATE.pem)
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
BODY = base64.b64encode(CERTIFICATE.der).decode()


def shown(form: Any, *values: bytes | str, name: bytes = b"x-client-cert") -> bytes:
    settings = CertificateSettings(header="X-Client-Cert", format=form)
    encoded = (value if isinstance(value, bytes) else value.encode("latin-1") for value in values)
    return shown_certificate(((b"host", b"a"), *((name, value) for value in encoded)), settings)


@pytest.fixture
def certificate() -> ClientCertificate:
    return CERTIFICATE


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_names_the_same_certificate(form: str, certificate: ClientCertificate) -> None:
    assert shown(form, certificate.header(form)) == certificate.digest


@pytest.mark.parametrize("form", FORMATS)
def test_a_header_that_is_missing_or_stands_twice(
    form: str, certificate: ClientCertificate
) -> None:
    good = certificate.header(form)
    with pytest.raises(Unauthenticated, match=r"^certificate: no header"):
        shown(form)
    for second in (good, b"", new_certificate("other").header(form)):
        with pytest.raises(Unauthenticated, match=r"^certificate: two headers"):
            shown(form, good, second)


@pytest.mark.parametrize("form", FORMATS)
def test_the_header_of_another_name_or_format(form: str, certificate: ClientCertificate) -> None:
    with pytest.raises(Unauthenticated, match=r"^certificate: no header"):
        shown(form, certificate.header(form), name=b"x_client_cert")
    for other in FORMATS:
        if other != form:
            with pytest.raises(Unauthenticated, match=rf"is not in the format {form}$"):
                shown(form, certificate.header(other))


@pytest.mark.parametrize(
    "value",
    [
        CERTIFICATE.pem,  # as it is, where a proxy lets line breaks through
        CERTIFICATE.pem.replace("\n", " "),  # Apache and HAProxy fold them
        CERTIFICATE.pem.replace("\n", "\r\n"),
        quote(CERTIFICATE.pem, safe="+=/"),  # AWS leaves these
        QUOTED,
        quote(CERTIFICATE.pem.strip(), safe=""),
        f"{BEGIN} {BODY} {END}",
    ],
)
def test_pem_as_terminators_write_it(value: str, certificate: ClientCertificate) -> None:
    assert shown("pem", value) == certificate.digest


def test_a_hash_in_hexadecimal_or_base64url(certificate: ClientCertificate) -> None:
    written = certificate.digest.hex()
    for value in (written, written.upper(), certificate.x5t):
        assert shown("sha256", value) == certificate.digest


BAD = {
    "rfc9440": [
        "", ":", "::", ":=:", f"x{BODY}x", f":{BODY}x", f"x{BODY}:", "xx",
        BODY, f":{BODY}", f"{BODY}:", f":{BODY}:;a=1", f":{BODY}:, :{BODY}:",
        f" :{BODY}:", f":{BODY} :", f":{BODY[:-1]}:", f":{BODY}=:", f":{BODY[:9]}-{BODY[10:]}:",
        f":{BODY[:9]}\n{BODY[9:]}:", ":AB==:", "?1", '"a"', f":{BODY}\xe9:",
    ],
    "pem": [
        "", BODY, f"{BEGIN}{END}", f"{BEGIN}\n{END}", f"{BEGIN}\n{BODY}\n", f"{BODY}\n{END}",
        quote(CERTIFICATE.pem * 2), f"text\n{CERTIFICATE.pem}", f"{CERTIFICATE.pem}text",
        QUOTED + "%", QUOTED + "%zz", QUOTED + "%00", quote(QUOTED), QUOTED.replace("%20", "+"),
        f"{BEGIN}\n{BODY[:-1]}\n{END}", f"{BEGIN}\n{BODY}====\n{END}",
        f"{BEGIN}\n{BODY[:9]}-{BODY[10:]}\n{END}", f"{BEGIN}\nAB==\n{END}",
        CERTIFICATE.pem.replace("CERTIFICATE", "PUBLIC KEY"),
    ],
    "sha256": [
        "", "0", "a" * 40, "a" * 63, "g" * 64, "a" * 65, "a" * 128, "a" * 64 + "\n",
        "0x" + "a" * 64,
        "aa:" * 31 + "aa", CERTIFICATE.x5t + "=", CERTIFICATE.x5t[:-1], " " + CERTIFICATE.x5t,
        "A" * 42 + "B", "\xe9" * 43,
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "number"), [(form, number) for form in BAD for number in range(len(BAD[form]))]
)
def test_what_is_not_in_the_format(form: str, number: int) -> None:
    value = BAD[form][number]
    with pytest.raises(Unauthenticated, match=r"^certificate: the header is not in the format"):
        shown(form, value)


@given(st.sampled_from(FORMATS), st.binary() | st.text('=:;,"%aA0-+/\\ ').map(str.encode))
def test_any_header_is_refused_with_our_error(form: str, value: bytes) -> None:
    with pytest.raises(Unauthenticated, match=r"^certificate: "):
        shown(form, value)
