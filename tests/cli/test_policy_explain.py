"""``gateway policy explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner, Result

from gateway.cli import main

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """\
version: 1
metadata: {name: prod, revision: 7}
roles:
  analyst: {}
  developer: {inherits: [analyst]}
  contractor: {match: {claim: employment, any_of: [agency]}}
limits: {human: {requests: 60/min}}
scanners:
  pii: {kind: pii, on: [user], entities: {EMAIL_ADDRESS: redact, CREDIT_CARD: block}}
rules:
  - id: chat
    allow: {roles: [analyst], routes: [chat.completions, messages], models: [m]}
    require: {n: {lte: 2}}
    clamp: {temperature: {lte: 0.5}, system: {prefix: Keep it secret.}}
    limits: human
    scan: [pii]
  - {id: contractors, deny: {roles: [contractor]}, reason: not for you}
exceptions:
  - id: sales
    rule: chat
    suppress: {scanner: pii, entities: [EMAIL_ADDRESS]}
    match: {claim: team, any_of: [sales]}
    reason: they write mails
    approved_by: ciso@example.com
    expires: 2027-03-31
"""
PROMPT = "Write to jane.doe@example.com"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "p.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_bytes(request(PROMPT))
    return path


def request(prompt: str, **more: Any) -> bytes:
    return orjson.dumps({"model": "m", "messages": [{"role": "user", "content": prompt}], **more})


def explain(*args: object, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["policy", "explain", *map(str, args)], input=stdin)


def report(*args: object, stdin: bytes = b"") -> dict[str, Any]:
    result = explain(*args, "--json", stdin=stdin)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = orjson.loads(result.stdout)
    return found


ASKED = ("--route", "chat.completions", "--model", "m")


def test_it_says_which_rule_decides(file: Path) -> None:
    found = report(file, "--role", "analyst", *ASKED)
    assert (found["verdict"], found["reason"]) == ("allow", "allowed by rule chat")
    assert [(one["rule"], one["state"]) for one in found["rules"]] == [
        ("chat", "decides"),
        ("contractors", "misses"),
    ]
    assert found["limits"] == [
        {"name": "human", "is": "human: 60 in 60 s requests per subject", "roles": []}
    ]
    assert found["request"] is None


def test_roles_bring_what_they_inherit_and_claims_give_theirs(file: Path) -> None:
    found = report(file, "--role", "developer", "--claim", "employment=agency", *ASKED)
    assert found["asked"]["roles"] == ["analyst", "contractor", "developer"]
    assert (found["verdict"], found["message"]) == ("deny", "not for you")


def test_a_caller_without_a_role_is_denied(file: Path) -> None:
    assert report(file, *ASKED)["reason"] == "the caller has no role of this policy"


def test_claims_given_several_times_are_a_list(file: Path) -> None:
    claims = ("--claim", "team=legal", "--claim", "team=sales")
    found = report(file, "--role", "analyst", *claims, *ASKED, "--day", "2027-03-31")
    assert found["exceptions"][0]["applies"]
    assert found["scanners"][0]["changed_by"] == ["sales"]
    assert found["scanners"][0]["settings"]["entities.EMAIL_ADDRESS"] == "allow from 0.5"


def test_an_exception_ends_with_its_last_day(file: Path) -> None:
    args = ("--role", "analyst", "--claim", "team=sales", *ASKED)
    (spared,) = report(file, *args, "--day", "2027-04-01")["exceptions"]
    assert (spared["applies"], spared["why"]) == (False, "it has ended on 2027-03-31")


def test_fields_that_no_format_knows_may_be_refused(file: Path) -> None:
    body, args = request(PROMPT, canary=1), ("--role", "analyst", "--request", "-")
    assert report(file, *args, stdin=body)["verdict"] == "redact"
    file.write_text(POLICY + "defaults: {unknown_fields: refuse}\n")
    assert report(file, *args, stdin=request(PROMPT))["verdict"] == "redact"
    found = report(file, *args, stdin=body)
    assert (found["verdict"], found["terms"]["unknown_fields"]) == ("deny", "refuse")
    assert found["message"] == f"{found['reason']}; the policy refuses those."
    assert found["request"]["findings"] == []
    shown = explain(file, *args, stdin=body).stdout
    assert "DENY  the body has a field or a value" in shown
    assert "canary" not in shown


def test_the_texts_of_a_request_are_scanned(file: Path, body: Path) -> None:
    found = report(file, "--role", "analyst", "--request", body)
    assert (found["asked"]["route"], found["asked"]["model"]) == ("chat.completions", "m")
    assert found["verdict"] == "redact"
    (finding,) = found["request"]["findings"]
    assert (finding["scanner"], finding["entity"]) == ("pii", "EMAIL_ADDRESS")
    assert (finding["where"], finding["action"]) == ("/messages/0/content", "redact")
    assert found["changes"] == {"temperature": 0.5, "system_prefix": "Keep it secret."}


def test_a_request_comes_from_standard_input_too(file: Path) -> None:
    card = request("my card is 4111 1111 1111 1111", n=2)
    result = explain(file, "--role", "analyst", "--request", "-", stdin=card)
    assert result.exit_code == 0
    assert "BLOCK  pii found CREDIT_CARD; allowed by rule chat" in result.stdout


def test_the_parameters_of_a_request_count(file: Path) -> None:
    found = report(file, "--role", "analyst", "--request", "-", stdin=request(PROMPT, n=3))
    assert found["verdict"] == "deny"
    assert found["rules"][1]["why"] or found["rules"][0]["why"] == ["require: n <= 2"]
    assert found["request"]["findings"] == []


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_no_text_of_a_request_is_shown(file: Path, arguments: tuple[str, ...]) -> None:
    secret = [{"role": "system", "content": "Canary."}, {"role": "user", "content": PROMPT}]
    stdin = orjson.dumps({"model": "m", "messages": secret})
    shown = explain(file, "--role", "analyst", "--request", "-", *arguments, stdin=stdin).output
    assert "EMAIL_ADDRESS" in shown
    assert "jane.doe" not in shown
    assert "Canary" not in shown


def test_a_person_reads_headings_and_causes(file: Path, body: Path) -> None:
    shown = explain(
        file, "--role", "analyst", "--claim", "team=x", "--request", body, "--day", "2027-01-01"
    ).stdout
    assert "policy 'prod', revision 7, on 2027-01-01" in shown
    assert "analyst asks for m on chat.completions" in shown
    assert "REDACT  allowed by rule chat" in shown
    for heading in ("rules", "exceptions", "scanners", "findings", "limits", "changes to the"):
        assert f"\n{heading}" in shown
    assert "roles: contractor; the caller has analyst" in shown
    assert "it is not made for this caller" in shown
    assert "Keep it secret" not in shown, "texts of the policy's system prompt are named only"
    denied = explain(file, "--claim", "employment=agency", *ASKED).stdout
    assert "the client reads: not for you" in denied


def test_a_pipe_gets_no_colours(file: Path) -> None:
    assert "\x1b" not in explain(file, "--role", "analyst", *ASKED).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--role", "analist", *ASKED), "there is no role 'analist'; did you mean 'analyst'?"),
        (("--route", "mesages", "--model", "m"), "did you mean 'messages'?"),
        (("--model", "m"), "--route and --model, or --request"),
        (("--claim", "team", *ASKED), "a claim is NAME=VALUE"),
        (("--day", "soon", *ASKED), "must be a date"),
    ],
)
def test_a_wrong_call_says_what_was_meant(
    file: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = explain(file, *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())


def test_a_policy_that_does_not_load_names_its_problems(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("version: 1\nrols: {}\n")
    result = explain(tmp_path / "p.yaml", *ASKED)
    assert result.exit_code == 1
    assert "did you mean 'roles'?" in result.stderr
