"""``gateway.yaml``: what is taken, what is refused and where, and that secrets stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.document import read_text
from gateway.errors import ConfigurationError
from gateway.settings import AuditSettings, Settings, load_settings

SECRET = "sk-s3cr3t"

GOOD = """\
upstreams:
  one: {url: "http://127.0.0.1:9000/", models: [m-*, "x-[ab]"]}
identity:
  issuers:
    - {issuer: a, audience: b, jwks_file: keys/jwks.json, algorithms: [ES256]}
policy: {path: policies}
audit: {store: "sqlite:///data/audit.db", recipients: [keys/a.pub], signing_key: /keys/log.key}
"""


def load(folder: Path, text: str = GOOD, **environment: str) -> Settings:
    file = folder / "gateway.yaml"
    file.write_text(text)
    return load_settings(file, environment)


def refused(folder: Path, text: str, **environment: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text, **environment)
    return str(caught.value).replace(f"{folder / 'gateway.yaml'}:", "")


def test_what_is_not_written_has_its_default(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.1", 8080)
    assert settings.limits.body == 10 * 2**20
    assert settings.limits.drain == 30
    assert settings.upstreams["one"].credential is None
    issuer = settings.identity.issuers[0]
    assert (issuer.claims.subject, issuer.claims.roles) == ("sub", "roles")
    assert (issuer.leeway, issuer.max_lifetime, issuer.jwks_ttl) == (30, 86400, 900)
    assert isinstance(settings.audit, AuditSettings)
    assert (settings.audit.durability, settings.audit.deadline) == ("strict", 5)


def test_relative_paths_are_relative_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    settings = load(tmp_path)
    assert settings.policy.path == tmp_path / "policies"
    assert settings.identity.issuers[0].jwks_file == tmp_path / "keys" / "jwks.json"
    assert isinstance(settings.audit, AuditSettings)
    assert settings.audit.store == f"sqlite:///{tmp_path}/data/audit.db"
    assert settings.audit.signing_key == Path("/keys/log.key")


def test_sizes_and_durations(tmp_path: Path) -> None:
    limits = load(tmp_path, GOOD + "limits: {body: 1MiB, headers: 8KiB, drain: 500ms}\n").limits
    assert (limits.body, limits.headers, limits.drain) == (2**20, 8192, 0.5)


def test_the_first_upstream_whose_globs_match_serves_a_model(tmp_path: Path) -> None:
    text = GOOD.replace("identity:", '  two: {url: "https://b", models: ["*"]}\nidentity:', 1)
    settings = load(tmp_path, text)
    assert settings.upstream_for("m-large") == "one"
    assert settings.upstream_for("x-a") == "one"
    assert settings.upstream_for("x-c") == "two"
    assert settings.upstream_for("M-large") == "two", "upper and lower case are told apart"
    assert load(tmp_path).upstream_for("other") is None
    assert settings.upstreams["one"].url == "http://127.0.0.1:9000"


def test_an_audit_log_is_off_only_in_so_many_words(tmp_path: Path) -> None:
    head = GOOD.partition("audit:")[0]
    assert load(tmp_path, head + "audit: off\n").audit == "off"
    assert "the key 'audit' is missing" in refused(tmp_path, head)
    for value in ("", "false", "none", "{}"):
        assert (
            refused(tmp_path, head + f"audit: {value}\n").startswith(
                "7:1: audit: must be a mapping"
            )
            or value == "{}"
        )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("models:", "modles:", "unknown key 'modles'; did you mean 'models'?"),
        ("one: {url", "one: {mdels: [], url", "unknown key 'mdels'; did you mean 'models'?"),
        ("[ES256]", "[none]", "algorithms.0: input should be 'RS256'"),
        ("[ES256]", "[HS256]", "HS algorithms go with a secret_file"),
        ("[ES256]", "[ES256, HS256]", "HS algorithms go with a secret_file"),
        ("jwks_file: keys/jwks.json", "secret_file: keys/s", "HS algorithms go with a secret_file"),
        (
            "jwks_file: keys/jwks.json, algorithms: [ES256]",
            "secret_file: keys/s, algorithms: [HS256, HS512]",
            "a secret serves one algorithm",
        ),
        ("issuer: a,", "issuer: http://a.example, discovery: true,", "exactly one of jwks_url"),
        ("[ES256]", "[ES256], proof: dpop", "proof: dpop needs public_urls"),
        ("[ES256]", "[ES256], proof: mtls", "proof: mtls needs client_certificate"),
        ("path: policies", "path: policies, signed_by: k.pub", "signed_by and revision_file"),
        ("policy:", "listen: {trusted_proxies: [all]}\npolicy:", "a network is written as"),
        (
            "\npolicy:",
            "\n  revocation: {shared: true}\npolicy:",
            "shared: true needs a shared state",
        ),
        ("\npolicy:", "\n  revocation: {}\npolicy:", "revocation needs a file"),
        (
            "\npolicy:",
            "\n  client_certificate: {header: client-cert, format: rfc9440}\npolicy:",
            "client_certificate needs listen.trusted_proxies",
        ),
        ("[ES256]", "[]", "algorithms: must not be empty"),
        ("[ES256]", "[ES256], leeway: 2m", "leeway: input should be less than or equal to 60"),
        ("[ES256]", "[ES256], leeway: 30", "leeway: 30 is not a duration such as 30s"),
        ("[ES256]", "[ES256], jwks_url: https://a/k", "exactly one of jwks_url, jwks_file"),
        ("jwks_file: keys/jwks.json, ", "", "exactly one of jwks_url, jwks_file"),
        ("issuer: a", 'issuer: ""', "issuer: must not be empty"),
        ("  one:", "  One:", "upstreams.One"),
        ("sqlite:///data/audit.db", "sqlite:///", "the store must be sqlite:///PATH or"),
        ("sqlite:///data/audit.db", "data/audit.db", "the store must be sqlite:///PATH or"),
        ("sqlite:///data/audit.db", "mysql://x", "the store must be sqlite:///PATH or"),
        ("sqlite:///data/audit.db", "postgresql://db.example/a", "say sslmode=verify-full"),
        ("[keys/a.pub]", "[]", "recipients: must not be empty"),
        ("[keys/a.pub]", "keys/a.pub", "recipients: must be a list"),
        ("policy:", "limits: {drain: 2d}\npolicy:", "drain: input should be less than"),
        ("policy:", "limits: {body: 1KB}\npolicy:", "body: input should be greater than"),
        ("policy:", "listen: {port: 65536}\npolicy:", "listen.port: input should be less than"),
        ("policy:", "listen: {port: x}\npolicy:", "listen.port: input should be a valid integer"),
        ("policy:", "state: redis\npolicy:", "the state is memory, or redis://HOST"),
        ("models: [", "routes: [{path: /x, model: m}], models: [", "'request_texts' is missing"),
        *(
            ("models: [", f"routes: [{{path: /x, model: m, {wrong}}}], models: [", problem)
            for wrong, problem in (
                ("request_texts: [/a], rout: x", "unknown key 'rout'; did you mean 'route'?"),
                ("request_texts: []", "routes.0.request_texts: must not be empty"),
                ("request_texts: /a", "routes.0.request_texts: must be a list"),
                ("request_texts: [/a, b]", "routes.0.request_texts.1: a JSON pointer begins with"),
                ("request_texts: [/a~]", "routes.0.request_texts.0: in a JSON pointer, '~' is"),
                ("request_texts: [/a, /a/b]", "in request_texts, /a and /a/b lead to the same"),
                (
                    'request_texts: [/a], response_texts: ["/*/x", /b/x]',
                    "in response_texts, /*/x and /b/x lead to the same texts",
                ),
                ("request_texts: [/a], route: 5", "routes.0.route: must be text; quote it"),
            )
        ),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_a_sentence_with_its_place(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert old in GOOD
    (line,) = refused(tmp_path, GOOD.replace(old, new, 1)).splitlines()
    assert problem in line
    number, column, _ = line.split(":", 2)
    assert int(number) > 1
    assert int(column) >= 1


def test_an_issuer_may_not_stand_twice(tmp_path: Path) -> None:
    issuer = next(line for line in GOOD.splitlines() if "issuer: a" in line)
    text = GOOD.replace(issuer, f"{issuer}\n{issuer}")
    assert "an issuer stands twice" in refused(tmp_path, text)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("ES256", "HS256").replace("recipients", "recipient").replace("path:", "x:")
    assert len(refused(tmp_path, text).splitlines()) == 5


@pytest.mark.parametrize(
    "url",
    ["ftp://h", "h:9000", "http://", "http://[", "http://h:99999", "http://h:0", "http://h/?a=1",
     "http://h/#a", "http://u@h", "http://u:p@h", "http://:p@h", "http://h/a b", "http://hö",
     "file:///etc/passwd", "http://h\\\\x"],
)  # fmt: skip
def test_a_url_that_leads_astray_is_refused(tmp_path: Path, url: str) -> None:
    found = refused(tmp_path, GOOD.replace("http://127.0.0.1:9000/", url))
    assert found.startswith("2:9: upstreams.one.url: ")


@pytest.mark.parametrize("url", ["http://keys.example.com/jwks", "http://10.0.0.1/jwks"])
def test_keys_come_over_https(tmp_path: Path, url: str) -> None:
    text = GOOD.replace("jwks_file: keys/jwks.json", f'jwks_url: "{url}"')
    assert "must be https; http is for this machine only" in refused(tmp_path, text)


def with_credential(header: str, value: str) -> str:
    credential = f'credential: {{header: {header}, value: "{value}"}}, models'
    return GOOD.replace("models", credential, 1)


def test_the_environment_is_read_in_values_only(tmp_path: Path) -> None:
    text = with_credential("x-api-key", "${KEY}") + "# ${MISSING} in a comment is none\n"
    credential = load(tmp_path, text, KEY=SECRET).upstreams["one"].credential
    assert credential is not None
    assert credential.value == SECRET
    text = GOOD.replace("  one:", "  ${NAME}:")
    assert "upstreams.${NAME}" in refused(tmp_path, text, NAME="one")


def test_what_a_value_from_the_environment_holds_is_text(tmp_path: Path) -> None:
    text = with_credential("x-api-key", "${KEY}")
    sly = 'a", models: ["*"]} # ${OTHER}'
    credential = load(tmp_path, text, KEY=sly, OTHER="x").upstreams["one"].credential
    assert credential is not None
    assert credential.value == sly


@pytest.mark.parametrize("environment", [{}, {"KEY": ""}])
def test_a_name_that_the_environment_lacks_is_an_error_at_its_place(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    text = with_credential("x-api-key", "Bearer ${KEY}") + 'state: "${OTHER}"\n'
    assert refused(tmp_path, text, **environment).splitlines() == [
        "2:72: the environment has no KEY; export KEY, or take the value out",
        "8:1: the environment has no OTHER; export OTHER, or take the value out",
    ]


@pytest.mark.parametrize("value", [SECRET + "\n", " " + SECRET, SECRET + "\r\nx: y", "ключ"])
def test_a_credential_that_would_split_the_request_is_refused(tmp_path: Path, value: str) -> None:
    found = refused(tmp_path, with_credential("authorization", "${KEY}"), KEY=value)
    assert "credential.value: this is no header value" in found
    assert value.strip() not in found


@pytest.mark.parametrize("header", ["Host", "content-length", "transfer-encoding", "connection"])
def test_a_credential_may_not_stand_in_a_header_of_the_gateways_own(
    tmp_path: Path, header: str
) -> None:
    found = refused(tmp_path, with_credential(header, "x"))
    assert f"the gateway writes '{header.lower()}' itself" in found


def test_the_password_of_a_store_is_never_shown(tmp_path: Path) -> None:
    text = GOOD.replace("sqlite:///data/audit.db", "postgresql://u:${KEY}@localhost/audit")
    settings = load(tmp_path, text, KEY=SECRET)
    assert isinstance(settings.audit, AuditSettings)
    assert SECRET in settings.audit.store
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.audit)


def test_a_credential_is_never_shown(tmp_path: Path) -> None:
    settings = load(tmp_path, with_credential("x-api-key", "${KEY}"), KEY=SECRET)
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.upstreams)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("http://127.0.0.1:9000/", "http://user:${KEY}@host"),
        ("http://127.0.0.1:9000/", "htp://host/${KEY}"),
        ("[ES256]", '[ES256], leeway: "${KEY}"'),
        ("[ES256]", '["${KEY}"]'),
        ("sqlite:///data/audit.db", "postgres://u:${KEY}@host"),
        ("policy:", 'limits: {body: "${KEY}"}\npolicy:'),
    ],
)
def test_a_secret_in_a_wrong_place_is_not_quoted_by_its_error(
    tmp_path: Path, old: str, new: str
) -> None:
    found = refused(tmp_path, GOOD.replace(old, new, 1), KEY=SECRET)
    assert SECRET not in found


def test_an_error_names_the_variable_that_it_is_about(tmp_path: Path) -> None:
    text = GOOD + 'limits: {body: "${KEY}"}\n'
    assert "limits.body: '${KEY}' is not a size" in refused(tmp_path, text, KEY=SECRET)


def test_settings_do_not_change(tmp_path: Path) -> None:
    settings = load(tmp_path)
    with pytest.raises(ValueError, match="frozen"):
        settings.state = "memory"  # type: ignore[misc]


def test_a_setting_knows_its_place(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert str(settings.place("upstreams", "one", "models", 1)) == f"{tmp_path}/gateway.yaml:2:54"
    assert settings.place("upstreams", "one", "x", 3) == settings.place("upstreams", "one")
    text = (tmp_path / "gateway.yaml").read_text()
    made = Settings.model_validate(read_text(text, "x").value)
    assert str(made.place("upstreams")) == "gateway.yaml", "made from no file, it knows none"


def test_settings_that_are_printed_show_nothing_of_their_file(tmp_path: Path) -> None:
    assert SECRET not in repr(load(tmp_path, with_credential("x-api-key", "${KEY}"), KEY=SECRET))
