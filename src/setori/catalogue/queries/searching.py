"""Searching the catalogue: what can be chosen and fits, in the order that was asked for.

The answer comes out of a snapshot (see `index`): the app's, or one of this session's own transaction. Truth is asked
again when somebody chooses.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.commands import Search
from setori.catalogue.queries import index as snapshots
from setori.catalogue.queries.index.words import find_by_words
from setori.catalogue.queries.views import Card, Found
from setori.catalogue.rules import COMPARE_AT_MOST
from setori.errors import Invalid


async def search(
    db: AsyncSession,
    wanted: Search,
    *,
    on: date,
    seed: str = "",
    lang: str = "fi",
    counts: bool = True,
    origin: tuple[float, float] | None = None,
) -> Found:
    """What can be chosen on a day and fits the filters. `seed` is the visitor's: the order stays the same all day.

    `origin` is where `wanted.near` lies; nothing is measured without it.

    Raises Invalid when `after` is not where an earlier page of this order ended.
    """
    index = snapshots.index_of(db)
    if index is not None:
        snapshot = await index.current(on)
    else:
        snapshot = snapshots.Snapshot.of(on, await snapshots.read_rows(db, on))
    text = None
    if wanted.q:
        entries = await (index.words.find(db, wanted.q) if index else find_by_words(db, wanted.q))
        text = snapshot.holding(entries)
    answer = snapshots.ask(snapshot, wanted, seed=seed, lang=lang, text=text, origin=origin, counts=counts)
    pairs = [(one.offering_id, one.coach_id) for one in answer.shown]
    if index is not None:
        asked = [(pair, one.born) for pair, one in zip(pairs, answer.shown, strict=True)]
        cards = await index.cards.list(db, asked, day=on)
    else:
        cards = await snapshots.list_cards(db, pairs, day=on)
    # A card may be gone that was there a second ago.
    shown = [one for one, pair in zip(answer.shown, pairs, strict=True) if pair in cards]
    return Found(
        cards=[cards[one.offering_id, one.coach_id] for one in shown],
        next=answer.next,
        total=answer.total,
        facets=answer.facets,
        shown=shown,
        without=answer.without,
        generation=snapshot.generation if index else None,
    )


async def list_cards(db: AsyncSession, pairs: Sequence[tuple[UUID, UUID | None]], *, on: date) -> list[Card]:
    """Cards in the order asked for, without unknown ones. Each says for itself whether it can be chosen."""
    asked = list(dict.fromkeys(pairs))
    cards = await snapshots.list_cards(db, asked, day=on)
    return [cards[pair] for pair in asked if pair in cards]


async def compare(db: AsyncSession, pairs: Sequence[tuple[UUID, UUID | None]], *, on: date) -> list[Card]:
    """Up to three cards side by side, in the order asked for, without unknown ones. Raises Invalid beyond three."""
    asked = list(dict.fromkeys(pairs))
    if len(asked) > COMPARE_AT_MOST:
        raise Invalid("Compare at most three at a time.")
    return await list_cards(db, asked, on=on)
