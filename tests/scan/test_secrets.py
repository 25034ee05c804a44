from __future__ import annotations

import base64
import functools
import json
import random
import string

import pytest

from gateway.scan.engine import Engine, default_specs

DRAW = random.Random(7)  # noqa: S311 - they open nothing, and must be the same each run


@functools.cache
def engine() -> Engine:
    return Engine(default_specs())


def found(text: str) -> list[tuple[str, str]]:
    findings = engine().scan(text, "user", ("secrets",)).findings
    return [(one.entity, text[one.start : one.end]) for one in findings]


def chars(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Random characters, so that no secret stands in this file, not even a false one."""
    return "".join(DRAW.choice(alphabet) for _ in range(count))


HEX = "0123456789abcdef"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
FORMATS = [
    ("AWS_ACCESS_KEY", "AKIA" + chars(16, UPPER)),
    ("GITHUB_TOKEN", "ghp_" + chars(36)),
    ("GITHUB_TOKEN", "gho_" + chars(36)),
    ("GITHUB_TOKEN", "github_pat_" + chars(22) + "_" + chars(59)),
    ("GITLAB_TOKEN", "glpat-" + chars(20)),
    ("SLACK_TOKEN", "xoxb-" + chars(12, "0123456789") + "-" + chars(24)),
    ("STRIPE_KEY", "sk_live_" + chars(24)),
    ("OPENAI_API_KEY", "sk-proj-" + chars(48)),
    ("OPENAI_API_KEY", "sk-" + chars(48)),
    ("ANTHROPIC_API_KEY", "sk-ant-api03-" + chars(93)),
    ("GOOGLE_API_KEY", "AIza" + chars(35)),
    ("TWILIO_KEY", "SK" + chars(32, HEX)),
    ("SENDGRID_KEY", "SG." + chars(22) + "." + chars(43)),
    ("NPM_TOKEN", "npm_" + chars(36)),
    ("PYPI_TOKEN", "pypi-AgEI" + chars(70)),
    ("HUGGINGFACE_TOKEN", "hf_" + chars(34, string.ascii_letters)),
    ("TELEGRAM_TOKEN", chars(9, "123456789") + ":AA" + chars(33)),
    ("DIGITALOCEAN_TOKEN", "dop_v1_" + chars(64, HEX)),
    ("DATABRICKS_TOKEN", "dapi" + chars(32, HEX)),
    ("VAULT_TOKEN", "hvs." + chars(90)),
    ("AZURE_CLIENT_SECRET", chars(3) + "8Q~" + chars(34)),
]


@pytest.mark.parametrize(("entity", "value"), FORMATS)
def test_formats_of_providers(entity: str, value: str) -> None:
    assert found(f"use {value}, please") == [(entity, value)]
    assert found(f"use x{value}") != [(entity, value)]


def pem(lines: int, footer: str = "-----END PRIVATE KEY-----") -> str:
    body = "\n".join(chars(64) for _ in range(lines))
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n{footer}"


def test_a_private_key_is_one_finding_from_header_to_footer() -> None:
    for key in (pem(26), pem(26).replace("\n", "\\n"), pem(26).replace("\n", " ")):
        assert found(f"see {key} there") == [("PRIVATE_KEY", key)]


def test_a_private_key_without_its_footer_is_one_as_well() -> None:
    key = pem(5, footer="").rstrip()
    text = f"{key}, and so on"
    assert found(text)[0][1].startswith(key)


def test_talk_of_a_header_is_no_key() -> None:
    assert found("A key begins with -----BEGIN PRIVATE KEY----- and then comes base64.") == []


def test_a_json_web_token_needs_a_header() -> None:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    token = f"{part({'alg': 'RS256'})}.{part({'sub': 'someone'})}.{chars(86)}"
    assert found(f"Bearer {token}") == [("JWT", token)]
    assert found(f"{part({'some': 'json'})}.{part({'sub': 'someone'})}.{chars(86)}") == []


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("postgres://bob:s3cr3tpw@db.host/x", "CONNECTION_STRING", "s3cr3tpw"),
        ("Server=db;Uid=app;Pwd=k3Vt9qLz;", "CONNECTION_STRING", "k3Vt9qLz"),
        ("password = 'hunter2Zx9!q'", "GENERIC_SECRET", "hunter2Zx9!q"),
        ('"api_key": "9f8e7d6c5b4a3f2e1d0c9b8a"', "GENERIC_SECRET", "9f8e7d6c5b4a3f2e1d0c9b8a"),
        ("CLIENT_SECRET=vK3nQz81LmPw0RtY", "GENERIC_SECRET", "vK3nQz81LmPw0RtY"),
        ("Authorization: Bearer 8fk2Lq9zXw71mNb4Rt", "GENERIC_SECRET", "8fk2Lq9zXw71mNb4Rt"),
    ],
)
def test_assignments_of_what_looks_random(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "password = xxxxxxxxxxxx",
        "password: ${DB_PASSWORD}",
        "api_key = os.environ['API_KEY']",
        "token: <your token here>",
        "secret = changeme",
        "The password is required.",
        "sk-learn is a library, and task-oriented-dialogue-systems-research too",
        "max_tokens = 4096",
        "token_id: ff083f76-7804-4ef1-80e4-fe975bb9141b",
        "the secret of a happy life is simple",
        "https://user:password@host/",
    ],
)
def test_placeholders_and_prose_stay_clean(text: str) -> None:
    assert found(text) == []
