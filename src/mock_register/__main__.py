"""Start the registers on loopback: `python -m mock_register --port 8020 --book register.json --token …`."""

import argparse
from pathlib import Path

import uvicorn

from mock_register.app import create_app


def main() -> None:
    """Read the command line and serve until told to stop."""
    parser = argparse.ArgumentParser(
        prog="mock_register", description="Public registers that fail on request."
    )
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1")
    parser.add_argument("--book", type=Path, required=True, help="the JSON file that remembers everything")
    parser.add_argument("--firms", type=Path, help="a JSON file with the firms that a new book begins with")
    parser.add_argument("--token", required=True, help="the bearer token every caller must show")
    given = parser.parse_args()
    uvicorn.run(
        create_app(given.book, given.token, given.firms),
        host="127.0.0.1",
        port=given.port,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
