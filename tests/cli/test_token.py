"""``gateway token issue`` and ``gateway token inspect``."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.identity.issuer import create_issuer
from gateway.identity.jws import read_jws

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
upstreams: {demo: {url: "http://127.0.0.1:1", models: ["*"]}}
identity:
  issuers:
    - {issuer: "https://two/", audience: x, jwks_url: "http://127.0.0.1:1/x", algorithms: [RS256]}
    - issuer: https://dev.test/
      audience: llm-gateway
      jwks_file: issuer.jwks.json
      algorithms: [ES256]
      claims: {roles: realm_access.roles, tenant: org}
      development_key: issuer.key
policy: {path: policies}
audit: off
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    create_issuer(tmp_path)
    file = tmp_path / "gateway.yaml"
    file.write_text(SETTINGS)
    return file


def gateway(*args: object, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["token", *(str(arg) for arg in args)], input=text)


def _claims(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    return dict(read_jws(result.stdout.strip()).claims)


def test_issue_prints_the_token_only(config: Path) -> None:
    result = gateway("issue", "--role", "analyst", "--role", "auditor", "-c", config)
    assert result.stdout.count("\n") == 1
    claims = _claims(result)
    assert claims["iss"] == "https://dev.test/"
    assert claims["realm_access"] == {"roles": ["analyst", "auditor"]}
    assert claims["sub"] == "developer"
    assert claims["exp"] - claims["iat"] == 3600


def test_issue_as_json(config: Path) -> None:
    result = gateway("issue", "--ttl", "5m", "--json", "-c", config)
    answer = json.loads(result.stdout)
    assert sorted(answer) == ["expires", "token"]
    assert 290 < answer["expires"] - time.time() <= 300


def test_issue_with_claims(config: Path) -> None:
    given = {
        "team": ("legal", "legal"),
        "groups": ('["a","b"]', ["a", "b"]),
        "level": ("7", "7"),
        "flag": ("true", True),
        "off": ("false", False),
        "quoted": ('"x"', "x"),
        "eq": ("a=b", "a=b"),
        "https://x.test/roles": ("r", "r"),
        "cognito:groups": ("g", "g"),
    }
    options = [part for name, (text, _) in given.items() for part in ("--claim", f"{name}={text}")]
    options += ["--claim", 'app={"a":1}', "--claim", "org=acme", "--claim", "deep.er=1"]
    claims = _claims(gateway("issue", "--sub", "eve", *options, "-c", config))
    assert {name: claims[name] for name in given} == {n: value for n, (_, value) in given.items()}
    assert (claims["sub"], claims["org"], claims["app"]) == ("eve", "acme", {"a": 1})
    assert claims["deep"] == {"er": "1"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--claim", "x"], "name=value"),
        (["--claim", "=x"], "name=value"),
        (["--claim", "x=[1"], "starts as JSON, but: json: "),
        (["--claim", 'x={"a":1,"a":2}'], "duplicate key"),
        (["--claim", "iss=x"], "sets iss itself"),
        (["--ttl", "1"], "is not a duration such as"),
        (["--ttl", "2d"], "takes tokens for 1 to 86400 seconds"),
        (["-c", "/nowhere/gateway.yaml"], "cannot be read"),
    ],
)
def test_issue_called_wrongly(config: Path, options: list[str], words: str) -> None:
    result = gateway("issue", "-c", config, *options)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_issue_without_a_development_key(config: Path) -> None:
    config.write_text(SETTINGS.replace("      development_key: issuer.key\n", ""))
    result = gateway("issue", "-c", config)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{config}: no issuer has a development_key; ")


@pytest.fixture
def issued(config: Path) -> str:
    return gateway("issue", "--role", "analyst", "-c", config).stdout.strip()


def test_inspect_a_good_token(config: Path, issued: str) -> None:
    for arguments, text in (([issued], None), ([], issued + "\n"), ([f"Bearer {issued}"], None)):
        result = gateway("inspect", *arguments, "-c", config, text=text)
        assert result.exit_code == 0
        assert '"alg": "ES256"' in result.stdout
        assert '"iss": "https://dev.test/"' in result.stdout
        last = result.stdout.splitlines()[-1]
        assert last.startswith("accepted: subject developer, roles analyst, until 20")


def test_inspect_as_json(config: Path, issued: str) -> None:
    report = json.loads(gateway("inspect", issued, "--json", "-c", config).stdout)
    assert report["accepted"] is True
    assert report["reason"] is None
    assert report["principal"]["roles"] == ["analyst"]
    assert report["header"]["alg"] == "ES256"


JKT, X5T = (
    "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
    "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg0",
)
KEY, CERTIFICATE = f"cnf.jkt={JKT}", f"cnf.x5t#S256={X5T}"
BOTH = """\
  public_urls: [https://llm.example.com]
  client_certificate: {header: client-cert, format: rfc9440}
"""


@pytest.mark.parametrize(
    ("claims", "needs"),
    [([KEY], [JKT, None]), ([CERTIFICATE], [None, X5T]), ([KEY, CERTIFICATE], [JKT, X5T])],
)
def test_inspect_says_which_proof_a_bound_token_needs(
    config: Path, claims: list[str], needs: list[str | None]
) -> None:
    trusted = "listen: {trusted_proxies: [127.0.0.1/32]}\n"
    config.write_text(trusted + SETTINGS.replace("policy:", BOTH + "policy:"))
    options = [part for claim in claims for part in ("--claim", claim)]
    token = gateway("issue", *options, "-c", config).stdout.strip()
    result = gateway("inspect", f"DPoP {token}", "-c", config)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    first = lines.index(next(line for line in lines if line.startswith("accepted: ")))
    assert len(lines) - first - 1 == sum(need is not None for need in needs)
    for need in needs:
        assert need is None or any(f" {need}" in line for line in lines[first + 1 :])
    report = json.loads(gateway("inspect", token, "--json", "-c", config).stdout)
    assert report["accepted"] is True
    assert report["needs"] == {"dpop": needs[0], "mtls": needs[1]}


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (KEY, "binding: the settings have no identity.public_urls"),
        (CERTIFICATE, "binding: the settings have no identity.client_certificate"),
        ("cnf.kid=7", "binding: cnf names something other than jkt and x5t#S256"),
        ("act.sub=a\nb", "actor: sub is no name of at most 256 characters"),
    ],
)
def test_inspect_says_why_nobody_could_use_a_token(config: Path, claim: str, reason: str) -> None:
    token = gateway("issue", "--claim", claim, "-c", config).stdout.strip()
    result = gateway("inspect", token, "-c", config)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == f"refused: {reason}"


def test_inspect_names_those_who_act(config: Path) -> None:
    options = ["--claim", 'act={"sub":"agent","act":{"sub":"robot"}}']
    token = gateway("issue", *options, "-c", config).stdout.strip()
    report = json.loads(gateway("inspect", token, "--json", "-c", config).stdout)
    assert report["principal"]["actors"] == ["agent", "robot"]


def test_inspect_says_why_a_token_is_refused(config: Path, issued: str) -> None:
    for wrong, reason in (
        (issued[:-8] + "AAAAAAAA", "signature: it does not hold"),
        ("sk-1234", "malformed: not three segments"),
        ("e30.e30.AAAA", "issuer: not one of ours"),
    ):
        result = gateway("inspect", wrong, "-c", config)
        assert result.exit_code == 1
        assert result.stdout.splitlines()[-1] == f"refused: {reason}"
        answer = gateway("inspect", wrong, "--json", "-c", config)
        assert answer.exit_code == 1
        report = json.loads(answer.stdout)
        assert (report["accepted"], report["reason"]) == (False, reason)


def test_inspect_says_what_is_wrong_with_the_keys(config: Path, issued: str) -> None:
    result = gateway("inspect", issued, "-c", config)
    assert result.stderr == "keys: http://127.0.0.1:1/x ConnectError\n"


def test_inspect_without_a_token(config: Path) -> None:
    result = gateway("inspect", "-c", config, text="")
    assert result.exit_code == 2
    assert "no token on standard input" in result.stderr


def test_inspect_with_a_wrong_key_file(config: Path, issued: str) -> None:
    (config.parent / "issuer.jwks.json").write_text("{}")
    result = gateway("inspect", issued, "-c", config)
    assert result.exit_code == 2
    assert "is no key set to trust" in result.stderr
