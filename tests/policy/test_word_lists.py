"""Lists of terms in policies: their errors, and every tool that must know of their files."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from schema_check import errors_in

from gateway.errors import ConfigurationError
from gateway.policy.bundle import open_bundle
from gateway.policy.differences import show_settings
from gateway.policy.json_schema import json_schema
from gateway.policy.known import Known
from gateway.policy.load import load_policy
from gateway.policy.signing import sign_bundle
from gateway.policy.strictness import entity_rule, weakened
from gateway.policy.watch import Loaded, PolicyStore
from gateway.scan.words import check_term

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.policy.model import Policy
    from gateway.terms import Words

KNOWN = Known(check_term=check_term)
MAIN = """
version: 1
metadata: {name: prod, revision: 1}
roles: {a: {}}
scanners:
  names: {kind: pattern, on: [user], action: flag, words: {CUSTOMER: customers.words}}
rules:
  - {id: r, allow: {roles: [a]}, scan: [names]}
"""


@pytest.fixture
def listed(folder: Path) -> Path:
    """A folder with a policy and a list."""
    (folder / "main.yaml").write_text(MAIN)
    (folder / "customers.words").write_text("Oslo\nred fox\n")
    return folder


def words(policy: Policy) -> Words:
    (scanner,) = policy.scanners
    return scanner.words["CUSTOMER"]


def test_a_list_is_in_the_policy_or_beside_it(listed: Path) -> None:
    policy = load_policy([listed], KNOWN)
    assert words(policy).terms == ("Oslo", "red fox")
    inside = MAIN.replace("customers.words", "[red fox, Oslo, Oslo]")
    (listed / "main.yaml").write_text(inside)
    assert words(load_policy([listed / "main.yaml"], KNOWN)) == words(policy)


def test_the_digest_and_the_files_cover_the_list(listed: Path) -> None:
    before = load_policy([listed])
    alone = load_policy([listed / "main.yaml"])
    (listed / "customers.words").write_text("Oslo\n")
    after = load_policy([listed])
    assert before.digest == alone.digest != after.digest
    assert str(listed / "customers.words") in before.files


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("costumers.words", "main.yaml:6:60: there is no file 'costumers.words' beside this one"),
        ("customers.txt", "main.yaml:6:60: {at}'customers.txt' is no name of a list"),
        ("../customers.words", "main.yaml:6:60: {at}'../customers.words' is no name of a list"),
        ("[]", "main.yaml:6:60: {at}must be a list of terms, or the name of a .words file"),
        ("[Oslo, 7]", "main.yaml:6:60: {at}term 2 must be text; quote it"),
        ("[Oslo, '--']", "main.yaml:6:77: CUSTOMER: a term needs a letter or a digit"),
        ("{Oslo: Rome}", "main.yaml:6:60: {at}must be a list of terms"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(listed: Path, value: str, problem: str) -> None:
    (listed / "main.yaml").write_text(MAIN.replace("customers.words", value))
    with pytest.raises(ConfigurationError) as caught:
        load_policy([listed], KNOWN)
    at = "scanners.names.words.CUSTOMER: "
    assert problem.replace("{at}", at) in str(caught.value)


def test_what_is_wrong_in_a_list_is_told_with_its_line(listed: Path) -> None:
    (listed / "customers.words").write_text("# all\nOslo\n\n  x\n")
    with pytest.raises(ConfigurationError) as caught:
        load_policy([listed], KNOWN)
    assert "customers.words:4:3: CUSTOMER: a term of one letter" in str(caught.value)
    (listed / "customers.words").write_text("# none\n")
    with pytest.raises(ConfigurationError, match=r"the list 'customers\.words' is empty"):
        load_policy([listed], KNOWN)


def test_a_name_is_a_pattern_or_a_list(listed: Path) -> None:
    both = MAIN.replace("words: {", "patterns: {CUSTOMER: x}, words: {")
    (listed / "main.yaml").write_text(both)
    with pytest.raises(ConfigurationError, match="'CUSTOMER' is a pattern of this scanner already"):
        load_policy([listed], KNOWN)


def test_lists_alone_are_no_policy(folder: Path) -> None:
    (folder / "customers.words").write_text("Oslo\n")
    with pytest.raises(ConfigurationError, match="holds no policy file"):
        load_policy([folder])


def test_lint_names_a_list_that_nothing_uses(listed: Path) -> None:
    (listed / "old.words").write_text("Rome\n")
    codes = {one.code: str(one) for one in load_policy([listed], KNOWN).warnings}
    assert "the list 'old.words' is not used" in codes["unused-list"]
    assert "customers.words" not in codes["unused-list"]


def test_a_signature_covers_the_list(listed: Path) -> None:
    key = Ed25519PrivateKey.generate()
    policy = load_policy([listed])
    manifest = sign_bundle(listed, policy, key)
    assert set(manifest.files) == {"main.yaml", "customers.words"}
    assert open_bundle(listed, key.public_key()).digest == policy.digest
    (listed / "customers.words").write_text("Oslo\n")
    with pytest.raises(ConfigurationError, match=r"customers\.words: differs from what was signed"):
        open_bundle(listed, key.public_key())


def test_a_list_that_was_not_signed_is_refused(listed: Path) -> None:
    key = Ed25519PrivateKey.generate()
    sign_bundle(listed, load_policy([listed]), key)
    (listed / "more.words").write_text("Rome\n")
    with pytest.raises(ConfigurationError, match=r"more\.words: is not in the manifest"):
        open_bundle(listed, key.public_key())


@pytest.mark.parametrize("path", [".", "main.yaml"])
def test_a_running_gateway_follows_the_list(listed: Path, path: str) -> None:
    async def follow() -> Words:
        policy = listed / path
        store = PolicyStore(policy, lambda: load_policy([policy]), poll=0.2)
        came: asyncio.Queue[object] = asyncio.Queue()
        task = asyncio.create_task(store.watch(came.put))
        await asyncio.sleep(0.3)
        (listed / "customers.words").write_text("Rome\n")
        async with asyncio.timeout(10):
            assert isinstance(await came.get(), Loaded)
        task.cancel()
        return words(store.current)

    assert asyncio.run(follow()).terms == ("Rome",)


def test_a_difference_names_short_lists_and_counts_long_ones(
    load: Callable[..., Policy],
) -> None:
    def shown(terms: object) -> object:
        scanner = f"{{kind: pattern, on: [user], action: flag, words: {{A: {terms}}}}}"
        return show_settings(load(f"scanners: {{n: {scanner}}}").scanners)["n.words.A"]

    short, long = shown("[red fox, Oslo]"), shown([f"name{number}" for number in range(50)])
    assert short == "[Oslo, red fox]"
    assert str(long).startswith("50 terms with SHA-256 ")


def test_an_exception_spares_a_list(listed: Path) -> None:
    (scanner,) = load_policy([listed]).scanners
    assert entity_rule(scanner, "CUSTOMER") is not None
    assert entity_rule(weakened(scanner, ["CUSTOMER"]), "CUSTOMER") is None


@pytest.mark.parametrize(
    ("value", "fits"),
    [(["Oslo"], True), ("a.words", True), ([], False), ("a.txt", False), ([7], False), (7, False)],
)
def test_the_schema_for_editors_says_the_same(value: object, fits: bool) -> None:  # noqa: FBT001
    scanner = {"kind": "pattern", "on": ["user"], "action": "flag", "words": {"A": value}}
    assert (errors_in({"scanners": {"n": scanner}}, json_schema()) == []) is fits
