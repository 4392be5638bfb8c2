"""Rulebooks are drafted on the national core, edited in their place, and kept as they were published."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import dialogue, registry
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Role
from setori.registry import DraftRulebook, NotDraft, PublishCore, RulebookStatus
from tests.domains.builders import NOON, a_procurer, an_actor
from tests.domains.test_dialogue import a_draft, a_world, criterion


@pytest.fixture
async def world(db):
    return await a_world(db)


async def test_a_draft_is_edited_in_its_place_and_keeps_its_version(db, world):
    order = DraftRulebook(
        service_id=world.service_id, title={"fi": "Uusi"}, criteria=[criterion("T1"), criterion("X9")]
    )
    await registry.edit_rulebook(db, world.rulebook_id, order, by=world.registrar, at=NOON)
    book = await registry.find_rulebook(db, world.rulebook_id, by=world.registrar)
    assert [one.code for one in book.criteria] == ["T1", "X9"]
    assert (book.title["fi"], book.version) == ("Uusi", 1)
    stranger = await an_actor(db, Role.REGISTRAR, await a_procurer(db, "0022", "Varsinais-Suomi"))
    with pytest.raises(NotFound):
        await registry.edit_rulebook(db, world.rulebook_id, order, by=stranger, at=NOON)
    with pytest.raises(Forbidden):
        await registry.edit_rulebook(db, world.rulebook_id, order, by=world.owner, at=NOON)
    await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=NOON)
    with pytest.raises(NotDraft):
        await registry.edit_rulebook(db, world.rulebook_id, order, by=world.registrar, at=NOON)


@pytest.mark.parametrize(
    "change",
    [
        "update rulebook set title = '{}' where id = :id",
        "update criterion set mandatory = false where rulebook_id = :id",
        "delete from criterion where rulebook_id = :id",
        "update rulebook set status = 'draft' where id = :id",
        "insert into criterion (id, rulebook_id, code, position, kind, mandatory, text)"
        " values (gen_random_uuid(), :id, 'NEW', 9, 'text', true, '{}')",
        "update criterion set rulebook_id = :other where rulebook_id = :id",
        "update criterion set rulebook_id = :id where rulebook_id = :other",
    ],
)
async def test_the_database_keeps_a_published_version_as_it_is(db, world, change):
    other = await a_draft(db, world.registrar, world.service_id)
    await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=NOON)
    await db.flush()
    ids = {"id": world.rulebook_id, "other": other}
    bound = text(change).bindparams(**{name: id for name, id in ids.items() if f":{name}" in change})
    with pytest.raises(DBAPIError, match=r"published rulebook does not change|cannot go from"):
        async with db.begin_nested():
            await db.exec(bound)


TAXES = {"kind": "document", "expires": True, "grace_days": 14, "document_kind": "tax_certificate"}


async def test_the_national_core_stands_before_the_procurers_own_and_is_not_theirs_to_write(db, world):
    core = [criterion("K1", "Ydin"), criterion("K2", "Tosite", **TAXES)]
    assert await registry.publish_core(db, PublishCore(criteria=core), at=NOON) == 1
    book_id = await a_draft(db, world.registrar, world.service_id, criterion("P1"))
    book = await registry.find_rulebook(db, book_id, by=world.registrar)
    assert [(one.code, one.is_core) for one in book.criteria] == [("K1", True), ("K2", True), ("P1", False)]
    assert (book.criteria[1].expires, book.criteria[1].grace_days, book.core_version) == (True, 14, 1)
    assert book.criteria[1].document_kind == "tax_certificate"
    with pytest.raises(Invalid) as refused:
        await a_draft(db, world.registrar, world.service_id, criterion("K1", "Oma"))
    assert set(refused.value.errors) == {"criteria.0.code"}
    assert await registry.publish_core(db, PublishCore(criteria=core[:1]), at=NOON) == 2
    unchanged = await registry.find_rulebook(db, book_id, by=world.registrar)
    assert unchanged.core_version == 1
    order = DraftRulebook(service_id=world.service_id, title={"fi": "L"}, criteria=[criterion("P1")])
    await registry.edit_rulebook(db, book_id, order, by=world.registrar, at=NOON)
    anew = await registry.find_rulebook(db, book_id, by=world.registrar)
    assert ([one.code for one in anew.criteria], anew.core_version) == (["K1", "P1"], 2)
    assert [line.code for line in registry.diff(registry.terms_of(unchanged), registry.terms_of(anew))] == [
        "K2"
    ]


async def test_only_a_document_expires_and_bounds_are_in_order(db, world):
    for wrong in (
        criterion(expires=True),
        criterion(kind="document", grace_days=3),
        criterion(kind="text", document_kind="licence"),
        criterion(kind="number", minimum=3, maximum=2),
    ):
        with pytest.raises(Invalid):
            await a_draft(db, world.registrar, world.service_id, wrong)


async def test_two_registrars_who_draft_at_the_same_time_make_two_versions(fresh_database):
    async with fresh_database.sessions.begin() as db:
        world = await a_world(db)

    async def draft():
        async with fresh_database.sessions.begin() as db:
            await a_draft(db, world.registrar, world.service_id)

    await asyncio.gather(*(draft() for _ in range(4)))
    async with fresh_database.sessions() as db:
        rows = await registry.list_rulebooks(db, by=world.registrar)
    assert [row.version for row in rows] == [5, 4, 3, 2, 1]
    assert {row.status for row in rows} == {RulebookStatus.DRAFT}
