"""Something is posted within a deadline, to nobody but the one that is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from receivers import HttpReceiver, black_hole, receive_http
from tls_files import Authority

from gateway.errors import ConfigurationError
from gateway.relay.outlet import Outlet, Undelivered, trusting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with receive_http() as receiver:
        yield receiver


def test_a_body_arrives_and_the_answer_comes_back(receiver: HttpReceiver) -> None:
    receiver.answer = lambda _posted: (201, {"content-type": "text/x"}, b"yes")
    outlet = Outlet(f"{receiver.url}/in", 5.0, headers={"authorization": "Bearer t"})
    answer = outlet.post(b"body", {"content-type": "text/y"})
    assert (answer.status, answer.type, answer.body, answer.ok) == (201, "text/x", b"yes", True)
    (posted,) = receiver.seen
    assert (posted.path, posted.body) == ("/in", b"body")
    assert posted.headers["authorization"] == "Bearer t"
    assert posted.headers["content-type"] == "text/y"
    outlet.close()


@pytest.mark.parametrize("status", [302, 400, 503])
def test_other_statuses_are_no_yes_and_nothing_is_followed(
    receiver: HttpReceiver, status: int
) -> None:
    receiver.answer = lambda _posted: (status, {"location": f"{receiver.url}/other"}, b"")
    outlet = Outlet(receiver.url, 5.0)
    assert not outlet.post(b"x", {}).ok
    assert len(receiver.seen) == 1
    outlet.close()


def test_an_answer_without_end_is_given_up(receiver: HttpReceiver) -> None:
    receiver.answer = lambda _posted: (200, {}, b"x" * 2**20)
    outlet = Outlet(receiver.url, 5.0)
    with pytest.raises(Undelivered, match="does not end"):
        outlet.post(b"x", {})
    outlet.close()


def test_who_says_nothing_is_not_waited_for() -> None:
    with black_hole() as port:
        outlet = Outlet(f"http://127.0.0.1:{port}", 0.2)
        with pytest.raises(Undelivered, match="in time"):
            outlet.post(b"x" * 2**22, {})
        outlet.close()


def test_nobody_there_is_said_so() -> None:
    with receive_http() as receiver:
        url = receiver.url
    outlet = Outlet(url, 1.0)
    with pytest.raises(Undelivered, match="no connection"):
        outlet.post(b"x", {})
    outlet.close()


def test_only_a_trusted_receiver_hears_anything(tmp_path: Path) -> None:
    ours, others = Authority(tmp_path / "a"), Authority(tmp_path / "b")
    with receive_http(ours.pair("receiver").server()) as receiver:
        outlet = Outlet(receiver.url, 5.0, trusting(ours.file))
        assert outlet.post(b"x", {}).ok
        outlet.close()
        for tls in (trusting(others.file), None):
            outlet = Outlet(receiver.url, 5.0, tls)
            with pytest.raises(Undelivered):
                outlet.post(b"secret", {})
            outlet.close()
        assert len(receiver.seen) == 1


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    with receive_http(ours.pair("elsewhere", None).server()) as receiver:
        outlet = Outlet(receiver.url, 5.0, trusting(ours.file))
        with pytest.raises(Undelivered):
            outlet.post(b"secret", {})
        outlet.close()
        assert receiver.seen == []


def test_a_certificate_of_ones_own_is_shown(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    mine = ours.pair("gateway")
    with receive_http(ours.pair("receiver").server(ours.file)) as receiver:
        outlet = Outlet(receiver.url, 5.0, trusting(ours.file, mine.certificate, mine.key))
        assert outlet.post(b"x", {}).ok
        outlet.close()
        outlet = Outlet(receiver.url, 5.0, trusting(ours.file))
        with pytest.raises(Undelivered):
            outlet.post(b"x", {})
        outlet.close()


def test_files_that_are_no_certificates_are_problems(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("nonsense")
    ours = Authority(tmp_path / "ca")
    with pytest.raises(ConfigurationError, match=r"x\.pem"):
        trusting(tmp_path / "x.pem")
    with pytest.raises(ConfigurationError, match=r"none\.pem"):
        trusting(tmp_path / "none.pem")
    with pytest.raises(ConfigurationError, match=r"x\.pem"):
        trusting(ours.file, tmp_path / "x.pem", tmp_path / "x.pem")
