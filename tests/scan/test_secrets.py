from __future__ import annotations

import functools
import random
import re
import string
from pathlib import Path

import pytest

from gateway.scan.engine import Engine, default_specs, known_entities
from gateway.scan.secrets_formats import FORMATS
from gateway.scan.secrets_named import NAMES

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
SOME = [
    ("AWS_ACCESS_KEY", "AKIA" + chars(16, UPPER)),
    ("GITHUB_TOKEN", "ghp_" + chars(36)),
    ("GITHUB_TOKEN", "gho_" + chars(36)),
    ("GITHUB_TOKEN", "github_pat_" + chars(22) + "_" + chars(59)),
    ("GITLAB_TOKEN", "glpat-" + chars(20)),
    ("SLACK_TOKEN", "xoxb-" + chars(12, "0123456789") + "-" + chars(24)),
    ("STRIPE_KEY", "sk_live_" + chars(24)),
    ("OPENAI_API_KEY", "sk-proj-" + chars(48)),
    ("OPENAI_API_KEY", "sk-" + chars(48)),
    ("ANTHROPIC_API_KEY", "sk-ant-api03-" + chars(93) + "AA"),
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
    ("GOOGLE_API_KEY", "AQ.Ab8" + chars(47)),
    ("LINKEDIN_SECRET", f"WPL_AP1.{chars(16)}.{chars(6)}=="),
    ("WAKATIME_KEY", "waka_7c1b9e52-03da-4f6e-8a91-5be0d2c4f713"),
    ("SEGMENT_TOKEN", "sgp_" + chars(64)),
    ("ADAFRUIT_KEY", "aio_" + chars(28)),
    ("AZURE_CLIENT_SECRET", chars(3) + "8Q~" + chars(34)),
]


@pytest.mark.parametrize(("entity", "value"), SOME, ids=[entity for entity, _ in SOME])
def test_formats_of_providers(entity: str, value: str) -> None:
    assert found(f"use {value}, please") == [(entity, value)]
    assert found(f"use x{value}") != [(entity, value)]


OWN = [
    ("MAILCHIMP_KEY", chars(32, HEX) + "-us12"),
    ("DISCORD_TOKEN", f"M{chars(23)}.{chars(6)}.{chars(27)}"),
    ("AZURE_DEVOPS_TOKEN", chars(76) + "AZDO" + chars(4)),
    ("TERRAFORM_TOKEN", f"{chars(14)}.atlasv1.{chars(67)}"),
    ("MAXMIND_KEY", f"{chars(6)}_{chars(29)}_mmk"),
    ("FACEBOOK_TOKEN", f"1{chars(15, '0123456789')}|{chars(27)}"),
    ("ASANA_TOKEN", f"1/12{chars(14, '0123456789')}:{chars(32, HEX)}"),
    ("RANCHER_TOKEN", f"token-ab12c:{chars(54, 'bcdfghjklmnpqrstvwxz2456789')}"),
    ("SALESFORCE_TOKEN", f"00D{chars(12)}!{chars(96)}"),
    ("BRAINTREE_TOKEN", f"access_token$production${chars(16, HEX)}${chars(32, HEX)}"),
    ("NEWRELIC_KEY", chars(36, HEX) + "NRAL"),
    ("MAILGUN_KEY", f"{chars(32, HEX)}-{chars(8, HEX)}-{chars(8, HEX)}"),
    ("BITWARDEN_TOKEN", f"0.7c1b9e52-03da-4f6e-8a91-5be0d2c4f713.{chars(30)}:{chars(22)}=="),
    ("VAULT_TOKEN", "s.ZK3nQz81LmPw0RtYh7BdXc5V"),
]


@pytest.mark.parametrize(("entity", "value"), OWN, ids=[entity for entity, _ in OWN])
def test_formats_with_a_mark_inside(entity: str, value: str) -> None:
    assert found(f"use {value}, please") == [(entity, value)]


def test_a_bots_token_in_the_url_of_a_call() -> None:
    token = chars(9, "123456789") + ":AA" + chars(33)
    assert found(f"https://api.telegram.org/bot{token}/getMe") == [("TELEGRAM_TOKEN", token)]
    assert found(f"robot{token}") == []


def test_a_login_at_the_shop_of_sidekiq() -> None:
    variable = "BUNDLE_ENTERPRISE__CONTRIBSYS__COM: 1a2b3c4d:5e6f7a8b"
    assert ("SIDEKIQ_SECRET", "1a2b3c4d:5e6f7a8b") in found(variable)
    text = "https://1a2b3c4d:5e6f7a8b@gems.contribsys.com/"
    assert ("SIDEKIQ_SECRET", "1a2b3c4d:5e6f7a8b") in found(text)


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


def test_the_docs_name_every_provider_and_every_entity() -> None:
    page = (Path(__file__).parents[2] / "docs" / "secrets.md").read_text()
    rows = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("|")}
    for row in (*FORMATS, *NAMES):
        assert f"`{row.entity}`" in rows[row.provider]
    assert set(rows) - {"provider", "---"} == {row.provider for row in (*FORMATS, *NAMES)}
    told = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", page))
    assert known_entities()["secrets"] <= told
