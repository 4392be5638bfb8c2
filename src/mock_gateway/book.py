"""The gateway's book: orders, the keys it remembers, every moving of money, and what it has still to tell.

One SQLite file, written through to the disk before anything is answered, so that a killed gateway forgets nothing.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, field_validator

from mock_gateway.iban import is_iban
from mock_gateway.knobs import Knobs

_SCHEMA = """
CREATE TABLE IF NOT EXISTS payment (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    idempotency_key TEXT NOT NULL,
    end_to_end_id TEXT NOT NULL,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    creditor_name TEXT NOT NULL,
    creditor_iban TEXT NOT NULL,
    reference TEXT NOT NULL,
    execution_on TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('accepted', 'booked', 'rejected')),
    reason TEXT NOT NULL DEFAULT '',
    settle_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS payment_key ON payment (idempotency_key);
CREATE INDEX IF NOT EXISTS payment_due ON payment (settle_at) WHERE status = 'accepted';
CREATE TABLE IF NOT EXISTS remembered_key (
    idempotency_key TEXT PRIMARY KEY,
    body_sha256 BLOB NOT NULL,
    answer TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS movement (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    payment_id TEXT NOT NULL UNIQUE REFERENCES payment (id),
    booked_on TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL
) STRICT;
CREATE INDEX IF NOT EXISTS event_due ON event (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS knobs (only INTEGER PRIMARY KEY CHECK (only = 1), settings TEXT NOT NULL) STRICT;
"""

_RETRY_AFTER_S = (0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)
_REORDERED_BY_S = 0.5


class PaymentRequest(BaseModel):
    """What somebody asks to be paid."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    end_to_end_id: str = Field(min_length=1, max_length=35)
    amount_cents: int = Field(gt=0, le=99_999_999_999)
    currency: str = Field(pattern="^EUR$")
    creditor_name: str = Field(min_length=1, max_length=140)
    creditor_iban: str
    reference: str = Field(max_length=140)
    execution_on: date = Field(strict=False)

    @field_validator("creditor_iban")
    @classmethod
    def _can_exist(cls, iban: str) -> str:
        if not is_iban(iban):
            raise ValueError("not an account number")
        return iban


class KeyUsedForAnother(Exception):
    """The key has been used with another body."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something to be told by webhook; its id is the same however often it is told."""

    id: str
    body: str
    attempts: int


class Book:
    """The open book. One gateway holds it at a time."""

    def __init__(self, file: Path) -> None:
        self._rows = sqlite3.connect(file, isolation_level=None)
        self._rows.row_factory = sqlite3.Row
        self._rows.execute("PRAGMA journal_mode = WAL")
        self._rows.execute("PRAGMA synchronous = FULL")
        self._rows.execute("PRAGMA foreign_keys = ON")
        self._rows.executescript(_SCHEMA)

    def close(self) -> None:
        """Put the book away."""
        self._rows.close()

    def knobs(self) -> Knobs:
        """How the gateway shall fail; kept in the book, so that it still holds after a kill."""
        row = self._rows.execute("SELECT settings FROM knobs").fetchone()
        return Knobs() if row is None else Knobs.model_validate_json(row["settings"])

    def turn(self, knobs: Knobs) -> None:
        """Set all knobs."""
        self._rows.execute("REPLACE INTO knobs VALUES (1, ?)", (knobs.model_dump_json(),))

    def accept(
        self, key: str, raw: bytes, request: PaymentRequest, knobs: Knobs, *, now: float
    ) -> tuple[bool, dict[str, Any]]:
        """Take an order, once per key: whether it is new, and the answer, which is the first answer when it is not.

        Raises KeyUsedForAnother when the key came with other bytes before.
        """
        digest = hashlib.sha256(raw).digest()
        with self._writing():
            known = self._rows.execute(
                "SELECT * FROM remembered_key WHERE idempotency_key = ?", (key,)
            ).fetchone()
            if known is not None and not knobs.forget_keys:
                if known["body_sha256"] != digest:
                    raise KeyUsedForAnother
                first: dict[str, Any] = json.loads(known["answer"])
                return False, first
            answer = {
                "id": f"pay_{uuid4().hex}",
                "status": "accepted",
                "amount_cents": request.amount_cents,
                "end_to_end_id": request.end_to_end_id,
                "idempotency_key": key,
            }
            self._rows.execute(
                """INSERT INTO payment (id, idempotency_key, end_to_end_id, amount_cents, creditor_name,
                                        creditor_iban, reference, execution_on, status, settle_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'accepted', ?)""",
                (
                    answer["id"],
                    key,
                    request.end_to_end_id,
                    request.amount_cents,
                    request.creditor_name,
                    request.creditor_iban,
                    request.reference,
                    request.execution_on.isoformat(),
                    now + knobs.settle_after,
                ),
            )
            self._rows.execute(
                "REPLACE INTO remembered_key VALUES (?, ?, ?)", (key, digest, json.dumps(answer))
            )
        return True, answer

    def settle(self, *, now: float) -> float | None:
        """Move the money of every order whose moment has come, or reject it; the moment of the next one, if any."""
        next_at = self._next_settling_at()
        if next_at is None or next_at > now:
            return next_at
        with self._writing():
            knobs = self.knobs()
            due = self._rows.execute(
                "SELECT * FROM payment WHERE status = 'accepted' AND settle_at <= ? ORDER BY seq", (now,)
            )
            for payment in due.fetchall():
                self._settle_one(payment, knobs, now=now)
        return self._next_settling_at()

    def find(self, payment_id: str) -> dict[str, Any] | None:
        """One payment by the gateway's own id."""
        row = self._rows.execute("SELECT * FROM payment WHERE id = ?", (payment_id,)).fetchone()
        return None if row is None else _shown(row)

    def list_by_key(self, key: str) -> list[dict[str, Any]]:
        """The payments made under a key: one, or more where keys were forgotten."""
        rows = self._rows.execute("SELECT * FROM payment WHERE idempotency_key = ? ORDER BY seq", (key,))
        return [_shown(row) for row in rows]

    def report(
        self, first: date, last: date, *, after: int, limit: int
    ) -> tuple[list[dict[str, Any]], int | None]:
        """A page of booked payments in the order they were booked, and where the next page begins, if there is one."""
        rows = self._rows.execute(
            """SELECT movement.seq, movement.id, payment_id, end_to_end_id, amount_cents, creditor_iban, reference,
                      booked_on
               FROM movement JOIN payment ON payment.id = payment_id
               WHERE booked_on BETWEEN ? AND ? AND movement.seq > ? ORDER BY movement.seq LIMIT ?""",
            (first.isoformat(), last.isoformat(), after, limit + 1),
        ).fetchall()
        page = [dict(row) for row in rows[:limit]]
        return page, page[-1]["seq"] if len(rows) > limit else None

    def truth(self) -> list[dict[str, Any]]:
        """How often money moved for every key ever accepted, whatever was answered or told."""
        rows = self._rows.execute(
            """SELECT idempotency_key, count(movement.id) AS times_moved, min(amount_cents) AS amount_cents
               FROM payment LEFT JOIN movement ON payment_id = payment.id
               GROUP BY idempotency_key ORDER BY min(payment.seq)"""
        )
        return [dict(row) for row in rows]

    def next_event(self, *, now: float) -> Event | None:
        """The webhook whose turn it is."""
        row = self._rows.execute(
            "SELECT id, body, attempts FROM event WHERE next_at <= ? ORDER BY next_at, seq LIMIT 1", (now,)
        ).fetchone()
        return None if row is None else Event(**dict(row))

    def next_event_at(self) -> float | None:
        """When the next webhook's turn comes."""
        return self._earliest("SELECT min(next_at) FROM event WHERE next_at IS NOT NULL")

    def told(self, event: Event) -> None:
        """The webhook has been taken, or shall never be told."""
        self._rows.execute("UPDATE event SET next_at = NULL WHERE id = ?", (event.id,))

    def tell_again(self, event: Event, *, now: float) -> None:
        """The webhook was not taken: try later, and give up after the last pause."""
        tries = event.attempts
        next_at = now + _RETRY_AFTER_S[tries] if tries < len(_RETRY_AFTER_S) else None
        self._rows.execute(
            "UPDATE event SET attempts = attempts + 1, next_at = ? WHERE id = ?", (next_at, event.id)
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._rows.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._rows.execute("ROLLBACK")
            raise
        self._rows.execute("COMMIT")

    def _settle_one(self, payment: sqlite3.Row, knobs: Knobs, *, now: float) -> None:
        rejected = payment["creditor_iban"] in knobs.reject_ibans
        status, reason = ("rejected", "The account does not take payments") if rejected else ("booked", "")
        self._rows.execute(
            "UPDATE payment SET status = ?, reason = ? WHERE id = ?", (status, reason, payment["id"])
        )
        if not rejected:
            self._rows.execute(
                "INSERT INTO movement (id, payment_id, booked_on) VALUES (?, ?, ?)",
                (f"line_{uuid4().hex}", payment["id"], payment["execution_on"]),
            )
        body = {
            "type": f"payment.{status}",
            "timestamp": datetime.fromtimestamp(now, UTC).isoformat(),
            "data": {"id": payment["id"], "idempotency_key": payment["idempotency_key"], "status": status},
        }
        waits = knobs.late_webhooks_s
        if knobs.reorder_webhooks and payment["seq"] % 2:
            waits += _REORDERED_BY_S
        self._rows.execute(
            "INSERT INTO event (id, body, next_at) VALUES (?, ?, ?)",
            (f"evt_{uuid4().hex}", json.dumps(body), now + waits),
        )

    def _next_settling_at(self) -> float | None:
        return self._earliest("SELECT min(settle_at) FROM payment WHERE status = 'accepted'")

    def _earliest(self, question: str) -> float | None:
        earliest: float | None = self._rows.execute(question).fetchone()[0]
        return earliest


def _shown(payment: sqlite3.Row) -> dict[str, Any]:
    return {name: value for name, value in dict(payment).items() if name not in ("seq", "settle_at")}
