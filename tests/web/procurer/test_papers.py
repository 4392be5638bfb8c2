"""What an approval rests on, for the registrar who manages it: the documents in force, and none that were replaced."""

from datetime import date, timedelta

from setori import evidence, registry
from setori.app import clock
from setori.days import local_day
from setori.evidence import RenewDocument
from setori.people import Role
from setori.registry import AnswerCriteria, AskForCompletion, DecideApplication
from tests.domains import builders as a
from tests.domains import papers


async def test_a_document_that_was_replaced_at_completion_is_not_listed(world, visitor) -> None:
    registrar, at = world.actors[Role.REGISTRAR], clock()
    async with world.sessions.begin() as db:
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Uusi Oy"))
        book = await papers.a_rulebook_of_papers(db, registrar, at=at)
        application = await registry.start_application(db, book, by=owner, at=at)
        old, new = [
            await papers.a_document(
                db, owner, until=date(year, 12, 31), at=at, file=await papers.a_file(name)
            )
            for year, name in ((2099, "old.pdf"), (2098, "new.pdf"))
        ]
        for version in (old, new):
            answers = AnswerCriteria(answers={"N1": str(version)})
            await registry.answer(db, application, answers, by=owner, at=at)
            await registry.submit(db, application, by=owner, at=at)
            if version == old:
                due = local_day(at) + timedelta(days=9)
                back = AskForCompletion(message="Uudempi.", due_on=due, to_mend={"N1": "Uudempi."})
                await registry.ask_for_completion(db, application, back, by=registrar, at=at)
        yes = DecideApplication(outcome="approved", reason="Hyvä on.")
        approval = await registry.decide(db, application, yes, by=registrar, at=at)
    who, path = await visitor(Role.REGISTRAR), f"/procurer/approvals/{approval}"
    page = (await who.get(path)).text
    assert "new.pdf" in page
    assert "old.pdf" not in page

    async with world.sessions.begin() as db:
        known = await evidence.list_versions(db, [new], provider_id=owner.organisation_id)
        order = RenewDocument(issuer="Vakuutus Oy", valid_from=date(2026, 6, 1), valid_until=date(2099, 6, 1))
        file = await papers.a_file("renewed.pdf", "Another")
        await evidence.renew(db, known[new].document_id, order, file, by=owner, at=at)
    page = (await who.get(path)).text
    assert "renewed.pdf" in page
    assert "new.pdf" not in page
    assert "old.pdf" not in page
