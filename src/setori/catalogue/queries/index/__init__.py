"""The snapshot index: what can be chosen on one day, as bitmaps and arrays in the memory of each worker.

`rows` reads it, `snapshot` holds it, `asking` filters, counts and orders, `keeping` keeps it fresh, `cards` reads and
keeps the few cards that a page shows. Whoever searches without an index (a job, a seed, a test) gets a snapshot of
the session's own transaction, made for that one search, and the same answers.
"""

from setori.catalogue.queries.index.asking import Answer, ask
from setori.catalogue.queries.index.cards import list_cards
from setori.catalogue.queries.index.keeping import Index, index_of, kept, use_index
from setori.catalogue.queries.index.rows import Times, read_rows
from setori.catalogue.queries.index.snapshot import Snapshot

__all__ = [
    "Answer",
    "Index",
    "Snapshot",
    "Times",
    "ask",
    "index_of",
    "kept",
    "list_cards",
    "read_rows",
    "use_index",
]
