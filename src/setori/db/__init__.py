"""The database: what tables share, how a transaction is opened, and the audit trail that every write leaves."""

from setori.db.audit import AuditEntry, record
from setori.db.base import choice, instant, key, metadata, new_id, texts, words
from setori.db.session import Database, Sessions, make_sessions, wire_of

__all__ = [
    "AuditEntry",
    "Database",
    "Sessions",
    "choice",
    "instant",
    "key",
    "make_sessions",
    "metadata",
    "new_id",
    "record",
    "texts",
    "wire_of",
    "words",
]
