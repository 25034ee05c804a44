"""``gateway check``: is everything that ``serve`` needs there and right?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from gateway.audit.keys import load_index, load_recipient, load_signer
from gateway.audit.recipients import fingerprint, suite_of
from gateway.audit.store.base import StoreGone
from gateway.audit.store.opening import check_creatable, named, open_store
from gateway.cli.common import config_option, json_option, print_json
from gateway.errors import AuditUnavailable, ConfigurationError, Place, Problem, StateLost
from gateway.identity.revocation_lists import SHARED_KEY, FileList, read_entries
from gateway.identity.revoked import BadRevocation
from gateway.identity.sources import key_source
from gateway.key_files import read_random_key
from gateway.relay.relay import check_relay
from gateway.settings import AuditSettings, IdentitySettings, Settings, load_settings
from gateway.state.opening import open_state
from gateway.steps.activation import activate, signed_of
from gateway.steps.own_routes import models_of, own_routes

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.identity.jwks import KeySource

__all__ = ["check", "check_everything", "check_key_files"]


@click.command()
@config_option
@json_option
def check(config: Path, *, as_json: bool) -> None:
    """Check settings, keys, policy, its tests, state and audit store, without starting anything."""
    found = check_everything(load_settings(config))
    if as_json:
        print_json({"ok": True, "checked": found})
        return
    for part, detail in found.items():
        click.echo(f"{part:<10} ok  {detail}")


def check_everything(settings: Settings) -> dict[str, str]:
    """Looks at every part; says what each is.

    Raises:
        ConfigurationError: With every problem of every part.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for part, look in {
        "policy": _policy,
        "identity": _identity,
        "state": _state,
        "pseudonyms": _pseudonyms,
        "audit": _audit,
        "relay": _relay,
        "upstreams": _upstreams,
    }.items():
        try:
            found[part] = look(settings)
        except ConfigurationError as error:
            problems.extend(error.problems)
    if problems:
        # A route that is wrong is one for the policy and for the upstreams.
        raise ConfigurationError(tuple(dict.fromkeys(problems)))
    return found


def _policy(settings: Settings) -> str:
    signed = signed_of(settings.policy)
    own = models_of(own_routes(settings))
    policy = activate(
        [settings.policy.path], signed, own=own, models=settings.models, remember=False
    ).policy
    return (
        f"{policy.name}, revision {policy.revision}: "
        f"{len(policy.rules) + len(policy.overrides)} rules, {len(policy.tests)} tests pass"
        f"{f', signed for {signed.key.name}' if signed else ''}"
    )


def _identity(settings: Settings) -> str:
    check_key_files(settings)
    return ", ".join(issuer.issuer for issuer in settings.identity.issuers)


def check_key_files(settings: Settings) -> None:
    """Reads every key set, secret and list of revocations that is a file; URLs are not asked.

    Raises:
        ConfigurationError: With every file that is missing or refused.
    """
    asyncio.run(_read_files(settings.identity))


async def _read_files(settings: IdentitySettings) -> None:
    files: list[KeySource | FileList] = [
        key_source(one)
        for one in settings.issuers
        if one.jwks_file is not None or one.secret_file is not None
    ]
    if settings.revocation is not None and settings.revocation.file is not None:
        files.append(FileList(settings.revocation.file))
    problems: list[Problem] = []
    for file in files:
        try:
            await file.start()
        except ConfigurationError as error:
            problems.extend(error.problems)
        await file.close()
    if problems:
        raise ConfigurationError(problems)


def _state(settings: Settings) -> str:
    if settings.state == "memory":
        return "memory: each process counts for itself"
    return asyncio.run(_ask_state(settings))


async def _ask_state(settings: Settings) -> str:
    """Asks the shared state for what is revoked; its URL may hold a password and is not shown."""
    parts = urlsplit(settings.state)
    where = f"{parts.scheme}://{parts.hostname}:{parts.port or 6379}"
    state = open_state(settings.state, settings.limits.state_timeout)
    try:
        revoked = await state.entries(SHARED_KEY)
        read_entries(revoked)
    except (StateLost, BadRevocation) as error:
        raise ConfigurationError(Problem(Place(where), str(error))) from None
    finally:
        await state.close()
    return f"{where} answers; {len(revoked)} revocations"


def _pseudonyms(settings: Settings) -> str:
    if settings.pseudonyms.key_file is None:
        return "each process makes a key of its own at its start"
    read_random_key(settings.pseudonyms.key_file)
    return str(settings.pseudonyms.key_file)


def _upstreams(settings: Settings) -> str:
    return ", ".join((*settings.upstreams, *models_of(own_routes(settings))))


def _audit(settings: Settings) -> str:
    if not isinstance(settings.audit, AuditSettings):
        return "off: nothing of what happens is recorded"
    readers = _check_audit_keys(settings.audit)
    url = settings.audit.store
    try:
        store = open_store(url, settings.audit.deadline / 2, "open")
        try:
            store.touch()
        finally:
            store.close()
    except StoreGone:
        check_creatable(url)
        return f"sealed to {readers}; {named(url)} will be made"
    except AuditUnavailable as error:
        raise ConfigurationError(Problem(Place(named(url)), error.reason)) from None
    return f"sealed to {readers}; {named(url)}"


def _relay(settings: Settings) -> str:
    if not isinstance(settings.audit, AuditSettings):
        return "there is no log"
    return check_relay(settings, settings.audit)


def _check_audit_keys(settings: AuditSettings) -> str:
    """Who can open what is sealed: kind and fingerprint of each recipient's key."""
    problems: list[Problem] = []
    readers: list[str] = []
    for path in settings.recipients:
        try:
            key = load_recipient(path)
        except ConfigurationError as error:
            problems.extend(error.problems)
        else:
            readers.append(f"{suite_of(key)} {fingerprint(key)}")
    try:
        load_signer(settings.signing_key)
    except ConfigurationError as error:
        problems.extend(error.problems)
    try:
        if settings.index_key is not None:
            load_index(settings.index_key)
    except ConfigurationError as error:
        problems.extend(error.problems)
    if problems:
        raise ConfigurationError(problems)
    return ", ".join(readers)
