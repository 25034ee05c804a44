from __future__ import annotations

import base64

import pytest

from tests.scan.test_secrets_assigned import RANDOM, found

PASSWORD = "Tr0ub4dor&3x"
PAIR = base64.b64encode(f"me:{PASSWORD}".encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"docker login -u me -p {PASSWORD} registry.example.com",
        f"mysql -u root -p{PASSWORD} shop",
        f"sshpass -p '{PASSWORD}' ssh host",
        f"redis-cli -h cache -a {PASSWORD} ping",
        f"ldapsearch -D cn=x -w {PASSWORD}",
        f"az login --service-principal -u x -p {PASSWORD} --tenant y",
        f"net user bob {PASSWORD} /add",
        f'$p = ConvertTo-SecureString "{PASSWORD}" -AsPlainText -Force',
        f'variable "db_password" {{\n  type = string\n  default = "{PASSWORD}"\n}}',
        f"snmp-server community {PASSWORD} RO",
        f"openssl enc -aes-256-cbc -k {PASSWORD} -in x",
        f"openssl pkcs12 -in x -passin pass:{PASSWORD}",
        f"zip -P {PASSWORD} x.zip y",
        f"7z x -p{PASSWORD} a.7z",
        f"keytool -list -storepass {PASSWORD}",
        f"htpasswd -b users bob {PASSWORD}",
        f"echo {PASSWORD} | sudo -S ls",
        f'echo "{PASSWORD}" | docker login -u bob --password-stdin',
        f"CREATE USER 'bob'@'%' IDENTIFIED BY '{PASSWORD}';",
        f"requirepass {PASSWORD}",
        f'auth = ("bob", "{PASSWORD}")',
        f'DriverManager.getConnection(url, "bob", "{PASSWORD}")',
        f"net use Z: \\\\host\\share {PASSWORD} /user:bob",
    ],
)
def test_a_password_where_a_command_or_a_file_expects_one(text: str) -> None:
    assert found(text) == [("GENERIC_SECRET", PASSWORD)]


@pytest.mark.parametrize(
    "text",
    [
        f"ENV API_TOKEN {RANDOM}",
        f"set -x API_KEY {RANDOM}",
        f"setx CLIENT_SECRET {RANDOM}",
        f"tool --db-password {RANDOM}",
        f"tool configure set secret_access_key {RANDOM}",
        f'gh secret set NAME --body "{RANDOM}"',
        f"Set-Cookie: session={RANDOM}; HttpOnly",
        f"Cookie: theme=dark; sessionid={RANDOM}",
    ],
)
def test_what_looks_random_where_a_command_or_a_header_expects_a_secret(text: str) -> None:
    assert found(text) == [("GENERIC_SECRET", RANDOM)]


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        (f'echo "root:{PASSWORD}" | sudo chpasswd', "BASIC_AUTH", f"root:{PASSWORD}"),
        (f"_auth={PAIR}", "BASIC_AUTH", PAIR),
        (f"jdbc:oracle:thin:scott/{PASSWORD}@//h:1521/x", "CONNECTION_STRING", PASSWORD),
        (f"sqlplus bob/{PASSWORD}@orders", "CONNECTION_STRING", PASSWORD),
        (f'basic_auth: "bob:{PASSWORD}"', "BASIC_AUTH", f"bob:{PASSWORD}"),
        ("username bob password 7 0822455D0A16", "PASSWORD_HASH", "0822455D0A16"),
        ("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "PASSWORD_HASH",
         "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0"),
    ],
)  # fmt: skip
def test_pairs_hashes_and_connections(text: str, entity: str, value: str) -> None:
    assert found(text) == [(entity, value)]


@pytest.mark.parametrize(
    "text",
    [
        "docker login -u me -p $PASSWORD registry.example.com",
        "docker login -u me --password-stdin",
        "mysql -u root -p production_db",
        "mysql -h db -P 330600 -u root",
        "mkdir -p some/Long_Path1 && redis-cli ping",
        "sshpass -p <password> ssh host",
        "net user bob password /add",
        'ConvertTo-SecureString "your-password" -AsPlainText',
        'variable "db_password" {\n  type = string\n}',
        'variable "region" {\n  default = "eu-Central-1"\n}',
        "ENV API_TOKEN ${TOKEN}",
        "ENV TOKEN_LIFETIME 3600",
        "snmp-server community public RO",
        "Cookie: theme=dark; lang=en",
        "Set-Cookie: session=deleted; Max-Age=0",
        "password 7 characters or more",
        "the key 7 0123456",
        "echo $PAIR | chpasswd",
        "openssl enc -k $KEY1 -in x",
        "zip -P a x.zip y && unzip -l Photos-2024.zip",
        "keytool -storepass changeit",
        "echo $PASS1 | sudo -S x",
        "IDENTIFIED BY 'password'",
        "requirepass foobared",
        'auth = ("user", "pass")',
        "git config set core.editor vim2",
        "_auth=bm90aGluZw==",
    ],
)
def test_what_is_none_stays_clean(text: str) -> None:
    assert found(text) == []
