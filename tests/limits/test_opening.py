"""Which limiter a URL opens."""

from __future__ import annotations

import pytest

from gateway.errors import ConfigurationError
from gateway.limits.memory import MemoryLimiter
from gateway.limits.opening import open_limiter
from gateway.limits.redis import RedisLimiter


def test_the_url_says_which_limiter_it_is() -> None:
    assert isinstance(open_limiter("memory", 1.0), MemoryLimiter)
    assert isinstance(open_limiter("redis://cache:6379/3", 1.0), RedisLimiter)


def test_a_url_that_is_not_understood_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        open_limiter("redis://cache/0?retry=9", 1.0)
