"""The database: what tables share, how a transaction is opened, and the audit trail that every write leaves."""

from setori.db.audit import AuditEntry, record
from setori.db.base import choice, instant, key, metadata, new_id, texts, words
from setori.db.feed import Change, FeedEntry, list_changes
from setori.db.paging import Page, page_of
from setori.db.session import Database, Sessions, Wire, make_sessions, wire_of

__all__ = [
    "AuditEntry",
    "Change",
    "Database",
    "FeedEntry",
    "Page",
    "Sessions",
    "Wire",
    "choice",
    "instant",
    "key",
    "list_changes",
    "make_sessions",
    "metadata",
    "new_id",
    "page_of",
    "record",
    "texts",
    "wire_of",
    "words",
]
