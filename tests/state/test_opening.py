"""Which state a URL opens."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.errors import ConfigurationError
from gateway.state.memory import MemoryState
from gateway.state.opening import open_state
from gateway.state.redis import RedisState


def test_the_url_says_which_state_it_is() -> None:
    assert isinstance(open_state("memory", 1.0), MemoryState)
    assert isinstance(open_state("redis://cache:6379/3", 1.0), RedisState)
    assert isinstance(open_state("rediss://:secret@cache", 1.0), RedisState)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3cret@host/x",
        "redis://:s3cret@host/0?socket_timeout=0",
        "rediss://:s3cret@host/0?ssl_cert_reqs=none",
        "redis://:s3cret@host/0#part",
        "redis://:s3cret@host/-1",
        "redis://:s3cret@/0",
    ],
)
def test_a_url_that_says_more_than_where_it_is_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_state(url, 1.0)
    assert "s3cret" not in str(caught.value)


def test_a_gateway_that_keeps_its_state_in_memory_loads_no_client_of_redis() -> None:
    script = """if True:
        import sys
        import gateway.app
        from gateway.limits.opening import open_limiter
        from gateway.state.opening import open_state
        open_limiter("memory", 1.0), open_state("memory", 1.0)
        print([name for name in sys.modules if name.partition(".")[0] == "redis"])
    """
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert done.stdout.strip() == b"[]"
