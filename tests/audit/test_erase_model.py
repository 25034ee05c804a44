"""Whatever is written, erased and restarted in whatever order: the log is what a model says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.erase import Erasure, count, erase
from gateway.audit.filters import Filters
from gateway.audit.ledger import Item
from gateway.audit.opened import opened
from gateway.audit.opener import Erased, Opener
from gateway.audit.query import sealed_events
from gateway.audit.record import Actor, Record
from gateway.audit.salts import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.audit.conftest import House

Said = tuple[str, str | None, str | None]
_NAMES = st.sampled_from(["alice", "bob"])
_ISSUERS = st.sampled_from([None, "https://id.example"])
_TENANTS = st.sampled_from([None, "acme", "other"])
_ACTS = st.one_of(
    st.tuples(st.just("say"), _NAMES, _ISSUERS, _TENANTS),
    st.tuples(st.just("erase"), _NAMES, _ISSUERS | st.just(""), _TENANTS | st.just("")),
    st.tuples(st.just("restart"), st.none(), st.none(), st.none()),
)


def _covers(scope: Said, said: Said) -> bool:
    """By the words of the manual: what is not given means any, and '' means none."""
    name, issuer, tenant = scope
    return (
        name == said[0]
        and (issuer is None or issuer == (said[1] or ""))
        and (tenant is None or tenant == (said[2] or ""))
    )


@settings(max_examples=25)
@given(st.lists(_ACTS, max_size=14))
def test_the_log_is_what_a_model_says(
    house_at: Callable[[Path], House], acts: list[tuple[str, Any, Any, Any]]
) -> None:
    model: list[tuple[Said, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        house = house_at(Path(folder))
        ledger = house.ledger()
        for act, *who in acts:
            name, issuer, tenant = asked = (who[0], who[1], who[2])
            if act == "say":
                record = Record("intent", actor=Actor(name, issuer), tenant=tenant)
                ledger.commit([Item(record, b'{"by": "%s"}' % name.encode())])
                model.append(((name, issuer, tenant), True))
            elif act == "erase":
                reached = sum(there and _covers(asked, said) for said, there in model)
                scope = Scope(name, issuer, tenant)
                found = erase(house.url, house.keys, scope, by="carol")
                assert found.records == reached
                assert count(house.url, scope) == Erasure(0, 0, 0)
                model = [(said, there and not _covers(asked, said)) for said, there in model]
            else:
                ledger.close()
                ledger = house.ledger()
        ledger.close()
        opener, found_by = Opener(house.auditor), []
        for event in sealed_events(house.url, Filters(stage="intent")):
            try:
                found_by.append((opened(event, opener)["by"], True))
            except Erased:
                found_by.append((event.header["actor"]["subject"], False))
        assert found_by == [(said[0], there) for said, there in model]
        report = house.verify()
        assert report.flaws == ()
        assert report.erased == sum(not there for _, there in model)
        assert report.opened == sum(there for _, there in model)
