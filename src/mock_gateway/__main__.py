"""Start the gateway on loopback: `python -m mock_gateway --port 8090 --book gateway.sqlite --token …`."""

import argparse
import os
from pathlib import Path

import uvicorn

from mock_gateway.app import create_app
from mock_gateway.webhooks import secret_bytes


def main() -> None:
    """Read the command line and serve until told to stop."""
    parser = argparse.ArgumentParser(
        prog="mock_gateway", description="A payment gateway that fails on request."
    )
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1")
    parser.add_argument("--book", type=Path, required=True, help="the SQLite file that remembers everything")
    parser.add_argument("--token", required=True, help="the bearer token every caller must show")
    parser.add_argument("--webhook-url", help="where bookings and rejections are told; nowhere when left out")
    parser.add_argument("--webhook-secret", default="", help="whsec_… and the signing key in base64")
    parser.add_argument("--pid-file", type=Path, help="where to write the process id")
    given = parser.parse_args()
    secret = b""
    if given.webhook_url:
        try:
            secret = secret_bytes(given.webhook_secret)
        except ValueError as wrong:
            parser.error(f"--webhook-secret: {wrong}")
    if given.pid_file:
        given.pid_file.write_text(str(os.getpid()))
    uvicorn.run(
        create_app(given.book, given.token, given.webhook_url, secret),
        lifespan="on",
        host="127.0.0.1",
        port=given.port,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
