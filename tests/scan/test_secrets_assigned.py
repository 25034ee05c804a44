from __future__ import annotations

import base64
import functools
import random
import string

import pytest

from gateway.scan.engine import Engine, default_specs

DRAW = random.Random(13)  # noqa: S311 - they open nothing, and must be the same each run


@functools.cache
def engine() -> Engine:
    return Engine([spec for spec in default_specs() if spec.kind == "secrets"])


def found(text: str) -> list[tuple[str, str]]:
    findings = engine().scan(text, "user", ("secrets",)).findings
    return [(one.entity, text[one.start : one.end]) for one in findings]


def chars(count: int) -> str:
    return "".join(DRAW.choice(string.ascii_letters + string.digits) for _ in range(count))


RANDOM = "vK3nQz81LmPw0RtYh7Bd"
PAIR = base64.b64encode(b"carol:vK3nQz81Lm").decode()


@pytest.mark.parametrize(
    "text",
    [
        f'api_key: "{RANDOM}"',
        f"API_KEY={RANDOM}",
        f"export APP_SECRET='{RANDOM}'",
        f'{{"clientSecret": "{RANDOM}"}}',
        f"<secret>{RANDOM}</secret>",
        f'<add key="ApiKey" value="{RANDOM}" />',
        f'const accessToken = "{RANDOM}";',
        f"$secret_key => '{RANDOM}'",
        f'secretKey := "{RANDOM}"',
        f'String apiKey = "{RANDOM}";',
        f'let auth_token: &str = "{RANDOM}"'.replace(": &str", ""),
        f"set('api-key', '{RANDOM}')",
        f"run --api-key {RANDOM} --fast",
        f"run --token={RANDOM}",
        f"the secret is {RANDOM}, keep it",
        f"Authorization: Bearer {RANDOM}",
        f'-H "Authorization: Api-Token {RANDOM}"',
        "Authorization: 5eb4223e-50a8-46e5-be67-c7b8f2732305",
        "X-Octopus-ApiKey: 3a16750d-d3b3-41a4-8ebd-035408f7730f",
        f"privateKey = {RANDOM}{RANDOM}",
        f"NEXTAUTH_SECRET={RANDOM}",
        f"my api key is {RANDOM}",
        f"RAILS_MASTER_KEY={RANDOM}",
        f"define( 'AUTH_KEY',         '{RANDOM}' );",
        f"APP_KEY=base64:{RANDOM}",
    ],
)
def test_what_looks_random_after_a_telling_name(text: str) -> None:
    assert len(found(text)) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password = 'hunter2Zx9!q'", "hunter2Zx9!q"),
        ("the password is hunter2!", "hunter2!"),
        ("Das Passwort lautet Sommer2024!", "Sommer2024!"),
        ("la contraseña es Verano2024!", "Verano2024!"),
        ("DB_PASSWORD=password123", "password123"),
        ("password: S3cret!", "S3cret!"),
        ("DB_PASS=2LshZpcc5ZSG", "2LshZpcc5ZSG"),
        ("passcode: Zx81Kq7", "Zx81Kq7"),
        ("data:\n  password: UzBtZVA0c3Mhd29yZA==", "UzBtZVA0c3Mhd29yZA=="),
        ("<password>Tr0ub4dor&3</password>", "Tr0ub4dor"),
        ('password: "correct-horse-9-battery"', "correct-horse-9-battery"),
    ],
)
def test_passwords(text: str, value: str) -> None:
    assert value in [one for _, one in found(text)]


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("postgres://bob:s3cr3tpw@db.host/x", "CONNECTION_STRING", "s3cr3tpw"),
        ("mongodb+srv://bob:s3cr3tpw@c0.example.net", "CONNECTION_STRING", "s3cr3tpw"),
        ("redis://:s3cr3tpw@cache:6379/0", "CONNECTION_STRING", "s3cr3tpw"),
        ("amqps://bob:s3cr3tpw@mq/v", "CONNECTION_STRING", "s3cr3tpw"),
        ("Server=db;Uid=app;Pwd=k3Vt9qLz;", "CONNECTION_STRING", "k3Vt9qLz"),
        ("jdbc:mysql://db/x?user=a&password=k3Vt9qLz", "CONNECTION_STRING", "k3Vt9qLz"),
        ("db.host:5432:shop:app:k3Vt9qLz", "CONNECTION_STRING", "k3Vt9qLz"),
        ("machine x.org login bob password k3Vt9qLz", "BASIC_AUTH", "k3Vt9qLz"),
        ("//npm.x.org/:_authToken=8a2c0f6e-51d4", "NPM_TOKEN", "8a2c0f6e-51d4"),
        ("curl -u bob:k3Vt9qLz! https://x.org", "BASIC_AUTH", "bob:k3Vt9qLz!"),
        ("curl --user 'bob:h0rse~battery' x", "BASIC_AUTH", "bob:h0rse~battery"),
        (f'"auth": "{PAIR}"', "BASIC_AUTH", PAIR),
        (f"Authorization: Basic {PAIR}", "GENERIC_SECRET", PAIR),
        (
            "bob:$apr1$Zk3x0Qpa$8vG7rTyWqLm2NcXsDf4Hj1",
            "PASSWORD_HASH",
            "$apr1$Zk3x0Qpa$8vG7rTyWqLm2NcXsDf4Hj1",
        ),
    ],
)
def test_connection_strings_and_files_of_credentials(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


def test_keys_of_azure_and_aws() -> None:
    storage = chars(86) + "=="
    assert found(f"AccountName=x;AccountKey={storage};") == [("AZURE_STORAGE_KEY", storage)]
    shared = chars(43) + "="
    bus = f"Endpoint=sb://x/;SharedAccessKeyName=y;SharedAccessKey={shared}"
    assert found(bus) == [("AZURE_SHARED_ACCESS_KEY", shared)]
    secret = chars(40)
    assert ("AWS_SECRET_KEY", secret) in found(f"aws_secret_access_key = {secret}")


@pytest.mark.parametrize(
    "text",
    [
        "password = xxxxxxxxxxxx",
        "password: ${DB_PASSWORD}",
        "password = os.environ['PASSWORD1']",
        "password = config.database.password2",
        "password: process.env.DB_PASSWORD_2",
        "api_key = os.environ['API_KEY']",
        "api_key = {{ api_key_1 }}",
        "token: <your token here>",
        "secret = changeme",
        "The password is required.",
        "the secret of a happy life is simple",
        "max_tokens = 4096",
        "token_id: ff083f76-7804-4ef1-80e4-fe975bb9141b",
        "clientId = '73082700-1f09-405b-80d0-3131bfd6272d'",
        "csrf_token = 'Mj2qykJO5rELyHgezQ69nzUX0i3OH67V7'",
        "https://user:password@host/",
        "https://host:8080/@scope",
        "https://bob:${PASSWORD}@host/",
        "curl -u username:password https://x.org",
        "curl -u $USER:$PASS https://x.org",
        "docker run -u 1000:1000 image",
        "Fill out the login form, password incorrect",
        "integrity=sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ",
        '"integrity": "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ=="',
        "commit 9f2c1d3e4b5a69788776655443322110ffeeddcc",
        "token_hash = 9f2c1d3e4b5a69788776655443322110ffeeddcc",
        "public_key: 9f2c1d3e4b5a69788776655443322110ffeeddcc",
        "color: #a1b2c3; background: #9f2c1d",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
        "credentials_path = /etc/app2/credentials.json",
        "secret_arn: arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-1",
        "private_key: Ed25519PrivateKey | None = None",
        "keyVaultToStoreSecrets: cmp2-qat-1208358310",
        "LLM_SECRET_NAME = 'NEXUS-GPT4-API-KEY'",
        "validKeyChars = '0123456789abcdefghijklmnopqrstuvwxyz_-.'",
        "bypass = route66b and compass: N42W13x, passes = 12ab34",
        "pass: tests/unit/test_7.py",
        "Authorization: Bearer <token>",
        "Authorization: Basic ...",
        "Authorization: Basic dXNlcjpwYXNzd29yZA==",
    ],
)
def test_variables_paths_digests_and_prose_are_clean(text: str) -> None:
    assert found(text) == []


def test_all_of_a_long_token_is_found() -> None:
    token = chars(400)
    assert ("GENERIC_SECRET", token) in found(f"AWS_SESSION_TOKEN={token}")


@pytest.mark.parametrize("value", ["Zqm7" + "-" * 60 + "=", "x" * 60 + chars(60) + "!"])
def test_a_value_that_may_be_read_in_many_ways_is_told_at_once(value: str) -> None:
    # An engine that tries one way after the other would not come to an end.
    assert found(f"password={value}") in ([], [("GENERIC_SECRET", value)])
