"""``python -m bench.limits``: what it costs to take a request and to settle it, in microseconds.

Each request counts in two limits of requests, tokens and requests at a time each. Give ``--redis
URL`` of an empty server to measure that too, one request after the other and 32 at the same time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from typing import TYPE_CHECKING, Final

from gateway.limits.estimate import Estimate
from gateway.limits.limiter import Charge
from gateway.limits.opening import open_limiter
from gateway.terms import Limit, Rate

if TYPE_CHECKING:
    from gateway.limits.limiter import Limiter

_LIMIT: Final = Limit("wide", "subject", Rate(10**9, 60), Rate(10**12, 3600), 10**6)
_CHARGES: Final = (Charge(_LIMIT, "subject"), Charge(_LIMIT, "tenant"))
_ROUNDS: Final = 2000


async def _calls(limiter: Limiter, many: int) -> None:
    for _ in range(many):
        lease = await limiter.take(_CHARGES, Estimate(500, 900))
        await lease.settle(400)


async def _measure(url: str, at_once: int) -> float:
    limiter = open_limiter(url, 20.0)
    await _calls(limiter, 100)
    began = time.perf_counter()
    await asyncio.gather(*(_calls(limiter, _ROUNDS // at_once) for _ in range(at_once)))
    spent = time.perf_counter() - began
    await limiter.close()
    return round(spent / (_ROUNDS // at_once * at_once) * 1e6, 1)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.limits", description=__doc__)
    parser.add_argument("--redis", help="redis://HOST:PORT/DB of an empty server")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report = {"in memory": asyncio.run(_measure("memory", 1))}
    if chosen.redis:
        report["in Redis, one after the other"] = asyncio.run(_measure(chosen.redis, 1))
        report["in Redis, 32 at the same time"] = asyncio.run(_measure(chosen.redis, 32))
    if chosen.json:
        print(json.dumps(report))
    else:
        for name, value in report.items():
            print(f"{name:<30} {value:>8} µs per request")


if __name__ == "__main__":
    main()
