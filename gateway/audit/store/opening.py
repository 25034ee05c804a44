"""Opens the store that a URL names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gateway.audit.store.sqlite import SqliteStore
from gateway.audit.store.sqlite_file import store_path
from gateway.audit.store.sqlite_reader import SqliteReader
from gateway.audit.store.sqlite_tree import SqliteTree
from gateway.database_urls import check_database_url, is_database_url, shown
from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.store.base import Opening, Reader, Readers, Store
    from gateway.audit.store.tree import TreeStore

__all__ = ["check_creatable", "named", "open_reader", "open_readers", "open_store", "open_tree"]


def open_store(url: str, busy: float, opening: Opening) -> Store:
    """The writing side of a store.

    Args:
        url: ``sqlite:///PATH`` or ``postgresql://…``.
        busy: Seconds to wait for another process's write, and for a database that is silent.
        opening: Whether a store is made where there is none.

    Raises:
        ConfigurationError: The URL is no store's.
        StoreGone: There is none, and it was only to be opened.
        AuditUnavailable: The store cannot be opened and written.
    """
    if is_database_url(url):
        # Loaded only where it is used: the client of the database takes time and memory.
        from gateway.audit.store.postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(_database(url), busy, opening)
    return SqliteStore(store_path(url), busy, opening)


def open_tree(url: str, busy: float) -> TreeStore:
    """The sequencing side of a store that is there.

    Args:
        url: ``sqlite:///PATH`` or ``postgresql://…``.
        busy: Seconds to wait for another's write, and for a database that is silent.

    Raises:
        ConfigurationError: The URL is no store's.
        StoreGone: There is none.
        AuditUnavailable: The store cannot be opened and written.
    """
    if is_database_url(url):
        from gateway.audit.store.postgres_tree import PostgresTree  # noqa: PLC0415

        return PostgresTree(_database(url), busy)
    return SqliteTree(store_path(url), busy)


def check_creatable(url: str) -> None:
    """Sees that a store could be made where there is none.

    Raises:
        ConfigurationError: Its folder cannot be written.
    """
    if is_database_url(url):
        return  # There is a database, as its tables are missing; who may make some, it says.
    folder = next(parent for parent in store_path(url).parents if parent.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        problem = Problem(Place(str(folder)), "cannot be written", "the audit store goes there")
        raise ConfigurationError(problem)


def named(url: str) -> str:
    """The store as people know it: its path, or its URL without a password."""
    return shown(url) if is_database_url(url) else str(store_path(url))


def open_reader(store: str | Readers) -> Reader:
    """A connection to a store that only reads.

    Args:
        store: Its URL, or those who lend connections to it.

    Raises:
        ConfigurationError: The URL is no store's.
        AuditUnavailable: The store is missing, cannot be read, or is none that this knows; or too
            many read it at once.
    """
    if not isinstance(store, str):
        return store.lend()
    if is_database_url(store):
        from gateway.audit.store.postgres_reader import PostgresReader  # noqa: PLC0415

        return PostgresReader(_database(store))
    return SqliteReader(store_path(store))


def open_readers(url: str, busy: float) -> Readers:
    """Who lends readers of a store; opens nothing yet.

    Args:
        url: ``sqlite:///PATH`` or ``postgresql://…``.
        busy: Seconds to wait for a reader, and for a database that is silent.

    Raises:
        ConfigurationError: The URL is no store's.
    """
    if is_database_url(url):
        from gateway.audit.store.postgres_pool import PostgresPool  # noqa: PLC0415

        return PostgresPool(_database(url), busy)
    return _SqliteReaders(store_path(url))


class _SqliteReaders:
    """To open a file is little work: each reader has its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lend(self) -> Reader:
        return SqliteReader(self._path)

    def close(self) -> None:
        pass


def _database(url: str) -> str:
    try:
        return check_database_url(url)
    except ValueError as error:
        raise ConfigurationError(Problem(Place(shown(url)), str(error))) from None
