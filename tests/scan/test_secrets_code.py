from __future__ import annotations

import pytest

from tests.scan.test_secrets_assigned import RANDOM, found

PASSWORD = "Kaktus!84tor"


@pytest.mark.parametrize(
    "text",
    [
        # A type stands between name and sign.
        f'let apiKey: String = "{RANDOM}"',
        f'auth_token: &str = "{RANDOM}";',
        f'const SECRET_KEY: &\'static str = "{RANDOM}";',
        f'api_key: str | None = "{RANDOM}"',
        # The literal begins with more than a quotation mark, or in a call.
        f'var apiKey = @"{RANDOM}";',
        f'token = b"{RANDOM}"',
        f'secret_key = """{RANDOM}"""',
        f'api_key = (\n    "{RANDOM}"\n)',
        f'let secret = String::from("{RANDOM}");',
        # A call or a statement sets it.
        f'client.withApiKey("{RANDOM}")',
        f'SetToken("{RANDOM}")',
        f'os.environ["API_KEY"] = "{RANDOM}"',
        f'#define API_TOKEN "{RANDOM}"',
        f'(def api-key "{RANDOM}")',
        f'apikey <- "{RANDOM}"',
        f'{{:secret, "{RANDOM}"}}',
        f'the secret "{RANDOM}" is his',
        # What is taken where nothing is set.
        f"process.env.SECRET || '{RANDOM}'",
        f'api_key ?? "{RANDOM}"',
        f'os.getenv("API_KEY", "{RANDOM}")',
        # The name is a value itself.
        f'- name: API_TOKEN\n  value: "{RANDOM}"',
        f"env:\n  - {{name: SECRET_KEY, value: {RANDOM}}}",
        f'{{"key": "api_key", "value": "{RANDOM}"}}',
        f'{{"name": "Authorization", "value": "Bearer {RANDOM}"}}',
        f"<key>APIKey</key>\n<string>{RANDOM}</string>",
        f"<secret><![CDATA[{RANDOM}]]></secret>",
        f"api-key: >-\n  {RANDOM}\n",
        f'headers = {{"Authorization": f"Bearer {RANDOM}"}}',
    ],
)
def test_what_looks_random_is_found_however_it_is_written(text: str) -> None:
    assert found(text) == [("GENERIC_SECRET", RANDOM)]


@pytest.mark.parametrize(
    "text",
    [
        f'val dbPassword: String = "{PASSWORD}"',
        f'setPassword("{PASSWORD}")',
        f"ALTER ROLE bob PASSWORD '{PASSWORD}'",
        f"SET PASSWORD FOR bob = PASSWORD('{PASSWORD}');",
        f'getenv("DB_PASSWORD") ?: "{PASSWORD}"',
        f"password = u'{PASSWORD}'",
        f"- name: DB_PASSWORD\n  value: {PASSWORD}\n",
        f"password: |\n  {PASSWORD}\n",
        f'password: !vault_plain "{PASSWORD}"',
        f'<password encrypted="false">{PASSWORD}</password>',
        f"<key>password</key><string>{PASSWORD}</string>",
        f'rootPass="{PASSWORD}"',
        f"redis_pw: {PASSWORD}",
        f"pass-word: {PASSWORD}",
        f'unlockCode: "{PASSWORD}"',
    ],
)
def test_a_password_is_found_however_it_is_written(text: str) -> None:
    assert found(text) == [("GENERIC_SECRET", PASSWORD)]


@pytest.mark.parametrize("name", ["ENC_KEY", "HMAC_KEY", "integration_key", "privKey"])
def test_a_key_of_hexadecimal_digits_has_a_name_that_says_so(name: str) -> None:
    digits = "9c1f7e20ab4d83561ef0c7729a5bd348"
    assert found(f"{name}={digits}") == [("GENERIC_SECRET", digits)]
    assert found(f"cache_{name}={digits}") == []


@pytest.mark.parametrize(
    "text",
    [
        "setPassword(newPassword1)",
        'setPassword("newPassword1")',
        'os.environ.get("DB_PASSWORD", default_password)',
        'process.env.SECRET || "changeme"',
        "password: !vault |",
        "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:",
        "- name: DB_PASSWORD\n  value: ${DB_PASSWORD_1}",
        '"MLKEM768X25519PrivateKey",\n    "MLKEM768X25519PublicKey"',
        '<assemblyIdentity publicKeyToken="1fc8b3b9a1e18e3b" />',
        "<key>UUID</key><string>5eb4223e-50a8-46e5-be67-c7b8f2732305</string>",
        '<input type="password" placeholder="Min8Chars!">',
        'token_type: str = "urn:ietf:params:oauth:token-type:jwt2"',
        'session_key="user.session.key1"',
        "passed=12ab34Cd!x and bypass=12ab34Cd!x",
        'x = { "passwordRules": "minlength-8-A1" }'.replace("passwordRules", "password.rules.path"),
    ],
)
def test_calls_names_and_what_is_public_stay_clean(text: str) -> None:
    assert found(text) == []
