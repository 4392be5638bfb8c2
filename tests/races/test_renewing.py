"""Two people of a firm renew the same document at once, while the night's work closes what rests on it."""

import asyncio
from datetime import timedelta

from setori import evidence, jobs, registry
from setori.days import local_day, noon
from setori.evidence import RenewDocument
from tests.conftest import RealDatabase
from tests.domains import papers as p
from tests.domains.builders import NOON
from tests.domains.desk import APPROVE, a_desk

TODAY = local_day(NOON)
LATER = TODAY + timedelta(days=60)


async def test_two_renewals_at_once_make_two_versions_and_open_the_approval_once(
    fresh_database: RealDatabase,
) -> None:
    sessions = fresh_database.sessions
    async with sessions.begin() as db:
        desk = await a_desk(db)
        book = await p.a_rulebook_of_papers(db, desk.registrar)
        version_id = await p.a_document(db, desk.owner, until=TODAY + timedelta(days=30))
        application_id = await registry.start_application(db, book, by=desk.owner, at=NOON)
        await registry.submit(db, application_id, by=desk.owner, at=NOON)
        approval_id = await registry.decide(db, application_id, APPROVE, by=desk.registrar, at=NOON)
        assert approval_id
        known = await evidence.list_versions(db, [version_id], provider_id=desk.provider_id)
        document_id = known[version_id].document_id
    assert await jobs.look_after_documents(sessions, lambda: noon(LATER)) == 1
    file = await p.a_file()

    async def renew(by: object) -> None:
        order = RenewDocument(issuer="Vakuutus Oy", valid_from=LATER, valid_until=LATER + timedelta(days=365))
        async with sessions.begin() as db:
            await evidence.renew(db, document_id, order, file, by=by, at=noon(LATER))  # type: ignore[arg-type]
            await registry.sweep_documents(db, at=noon(LATER))

    async def night() -> int:
        return await jobs.look_after_documents(sessions, lambda: noon(LATER))

    await asyncio.gather(renew(desk.owner), night(), renew(desk.coach), night())
    async with sessions() as db:
        seen = await evidence.find_document(db, document_id, by=desk.owner, on=LATER)
        assert [one.number for one in seen.versions] == [3, 2, 1]
        assert await registry.list_open_pauses(db, approval_id) == []
        changes = await told(db, "approval_resumed"), await told(db, "approval_paused")
    assert changes == (1, 1)
    assert await night() == 0


async def told(db: object, kind: str) -> int:
    from setori import people

    listed = await people.list_outbox(db, limit=200)  # type: ignore[arg-type]
    return sum(mail.kind == kind for mail in listed.items)
