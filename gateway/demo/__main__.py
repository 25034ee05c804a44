"""``python -m gateway.demo [--host H] [--port N]``: runs the demo model server."""

from __future__ import annotations

import argparse

import uvicorn

from gateway.demo.model_server import demo_app


def main(arguments: list[str] | None = None) -> None:
    """Runs the server until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m gateway.demo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100)
    chosen = parser.parse_args(arguments)
    uvicorn.run(
        demo_app(),
        host=chosen.host,
        port=chosen.port,
        http="httptools",
        ws="none",
        access_log=False,
        server_header=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
