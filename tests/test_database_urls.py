from __future__ import annotations

import pytest

from gateway.database_urls import check_database_url, is_database_url, shown

_GOOD = [
    "postgresql://gateway@127.0.0.1:5432/audit",
    "postgres://gateway:p%40ss@localhost/audit",
    "postgresql:///audit?host=/var/run/postgresql",
    "postgresql://gateway@[::1]:5432/audit",
    "postgresql://g@db.example/audit?sslmode=verify-full&sslrootcert=/etc/ca.pem",
    "postgresql://g@one:5432,two:5433/audit?sslmode=verify-full&sslrootcert=/ca&target_session_attrs=read-write",
    "postgresql://g@db.example/audit?sslmode=disable",
]


@pytest.mark.parametrize("url", _GOOD)
def test_a_database_that_nobody_listens_to_is_taken(url: str) -> None:
    assert check_database_url(url) == url
    assert is_database_url(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://s3cret@127.0.0.1", "USER@HOST:PORT/DATABASE"),
        ("postgresql://s3cret@127.0.0.1/", "USER@HOST:PORT/DATABASE"),
        ("mysql://u:s3cret@127.0.0.1/audit", "USER@HOST:PORT/DATABASE"),
        ("postgresql://u:s3cret@127.0.0.1:99999/audit", "valid host and port"),
        ("postgresql://u:s3cret@127.0.0.1:port/audit", "valid host and port"),
        ("postgresql://u:s3cret@[::1/audit", "cannot be read"),
        ("postgresql://u:s3cret@127.0.0.1/au dit", "characters"),
        ("postgresql://u:s3cret@127.0.0.1/audit?x", "cannot be read"),
        ("postgresql://u@127.0.0.1/audit?password=s3cret", "'password' is no parameter"),
        ("postgresql://u@127.0.0.1/audit?connect_timeout=0", "'connect_timeout'"),
        ("postgresql://u:s3cret@db.example/audit", "sslmode=verify-full"),
        ("postgresql://u:s3cret@127.0.0.1,db.example/audit", "sslmode=verify-full"),
        ("postgresql://u:s3cret@127.0.0.1/audit?host=db.example", "sslmode=verify-full"),
        ("postgresql://u:s3cret@127.0.0.1/audit?hostaddr=192.0.2.1", "sslmode=verify-full"),
        ("postgresql://u:s3cret@db.example/audit?sslmode=verify-full", "needs sslrootcert"),
    ],
)
def test_another_is_refused_and_not_quoted(
    url: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    with pytest.raises(ValueError, match=why) as caught:
        check_database_url(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        (
            "postgresql://gateway:s3cret@db:5432/audit?sslmode=disable",
            "postgresql://gateway@db:5432/audit",
        ),
        ("postgresql://:s3cret@db/audit", "postgresql://db/audit"),
        ("postgresql://u:a@s3cret@db/audit", "postgresql://u@db/audit"),
        ("postgresql://db/audit", "postgresql://db/audit"),
        ("mysql://u:s3cret@db/audit", "mysql://u@db/audit"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, seen: str) -> None:
    assert shown(url) == seen
