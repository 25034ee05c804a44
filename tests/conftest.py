"""Fixtures that several rooms share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from connections import watch_connections
from house import House, build
from hypothesis import settings
from postgres_server import PostgresServer, run_postgres
from redis_server import RedisServer, run_redis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# How long an example takes says more about the machine than about the law.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

watch_connections()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running gateway with the starter policy in front of the demo model."""
    with build(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the whole session; tests take ``redis_server``."""
    with run_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_server(shared_redis: RedisServer) -> RedisServer:
    """An empty Redis; not to be stopped."""
    shared_redis.do("FLUSHALL")
    return shared_redis


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, to be killed, frozen and restarted."""
    with run_redis(tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def shared_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL for the whole session, not to be stopped; each test makes its own database."""
    with run_postgres() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, to be stopped, frozen and started again."""
    with run_postgres() as server:
        yield server
