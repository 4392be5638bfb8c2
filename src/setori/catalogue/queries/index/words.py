"""The words that somebody types: PostgreSQL knows which entries they lead to, and common searches are kept.

Each word must be found: as a stem in any of the three languages, as it is written, or as a part of a word. Only a word
that leads nowhere is taken for a slip of the pen, and what is written almost like it is looked for. The last word may
not be finished yet.
"""

from collections import OrderedDict
from functools import reduce

import numpy as np
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.queries.index.snapshot import Places
from setori.db import wire_of

KEPT = 200
MOST_WORDS = 8
LONG_ENOUGH = 4
"""A shorter word is like too many others to be taken for a slip of the pen."""

FIND = """
    select typed.number, (
             select coalesce(array_agg(e.id), '{}') from search_entry e
              where e.words @@ asked.query
                 or e.plain like '%' || replace(replace(replace(plain_words(typed.word),
                                                                '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%')
      from unnest($1::text[]) with ordinality as typed (word, number)
     cross join lateral (
             select word_query(typed.word, typed.number = cardinality($1::text[]), is_a_name(typed.word)) offset 0
           ) as asked (query)
     where numnode(word_query(typed.word, false)) > 0 or cardinality($1::text[]) = 1
     order by 1"""

FIND_ALMOST = "select entries_like($1)"


class KeptWords:
    """What was looked for last, until the words of the catalogue change."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[str, Places] = OrderedDict()

    def forget(self) -> None:
        """The words have changed."""
        self._kept = OrderedDict()

    async def find(self, db: AsyncSession, q: str) -> Places:
        """The entries that some words lead to."""
        kept, said = self._kept, " ".join(_words(q))
        if said not in kept:
            kept[said] = await find_by_words(db, said)
            while len(kept) > self._size:
                kept.popitem(last=False)
        kept.move_to_end(said)
        return kept[said]


async def find_by_words(db: AsyncSession, q: str) -> Places:
    """The ids of the entries in which every word is found."""
    words = _words(q)
    wire = await wire_of(db)
    found = []
    for number, ids in await wire.fetch(FIND, words):
        word = words[number - 1]
        if not ids and len(word) >= LONG_ENOUGH:
            ids = await wire.fetchval(FIND_ALMOST, word)
        found.append(np.array(ids, np.int64))
    return reduce(np.intersect1d, found) if found else np.empty(0, np.int64)


def _words(q: str) -> list[str]:
    return q.replace("\0", "").lower().split()[:MOST_WORDS]
