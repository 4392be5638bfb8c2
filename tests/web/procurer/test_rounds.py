"""When an application comes back, the registrar sees at once what has changed, and what was there before."""

from datetime import date, timedelta

import pytest

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.people import Role
from setori.registry import AnswerCriteria, AskForCompletion, AssessApplication, GiveVerdict
from tests.domains import builders as a
from tests.domains import papers


async def returned(world, application_id, **to_mend: str) -> None:
    async with world.sessions.begin() as db:
        due = local_day(clock()) + timedelta(days=9)
        order = AskForCompletion(message="Kertokaa lisää.", due_on=due, to_mend=to_mend)
        registrar = world.actors[Role.REGISTRAR]
        await registry.ask_for_completion(db, application_id, order, by=registrar, at=clock())


async def sent_again(world, application_id, **answers: str) -> None:
    async with world.sessions.begin() as db:
        order = AnswerCriteria(answers=answers)
        await registry.answer(db, application_id, order, by=world.applicant, at=clock())
        await registry.submit(db, application_id, by=world.applicant, at=clock())


@pytest.fixture
async def application(world):
    async with world.sessions.begin() as db:
        world.applicant = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Uusi Oy"))
        return await a.an_application(db, world.rulebook_id, world.applicant)


def told_of(page: str, code: str) -> str:
    """What the page tells of one criterion."""
    return page.split(f"{code} · ", 1)[1].split("</li>", 1)[0]


async def test_each_changed_answer_is_marked_with_the_old_one_in_place(world, visitor, application) -> None:
    who, path = await visitor(Role.REGISTRAR), f"/procurer/applications/{application}"
    assert "Changed since" not in (await who.get(path)).text
    await returned(world, application, N1="Montako heitä on?")
    await sent_again(world, application, N1="41", T1="Olemme muuttaneet.")
    async with world.sessions.begin() as db:
        me = world.actors[Role.REGISTRAR]
        await registry.assign(db, application, me.person_id, by=me, at=clock())
    for page in (await who.get(path), await who.get(f"{path}/assessment")):
        number, words, yes = (told_of(page.text, code) for code in ("N1", "T1", "D1"))
        assert "Changed since round 1" in number
        assert "not asked for" not in number
        assert '<span class="typed">4</span>' in number, "what it was, in place"
        assert "Changed since round 1" in words
        assert "not asked for" in words
        assert "No answer" in words
        assert "Changed since" not in yes
    await returned(world, application)
    await sent_again(world, application, N1="42")
    page = (await who.get(path)).text
    assert "Changed since round 2" in told_of(page, "N1")
    assert '<span class="typed">41</span>' in told_of(page, "N1")
    assert "Changed since" not in told_of(page, "T1"), "since the filing before, not since the first"
    assert "not asked for" not in page, "no criterion was named: everything was asked for"
    firm = await visitor(world.applicant)
    assert "not asked for" not in (await firm.get(f"/provider/applications/{application}")).text


async def test_a_renewed_document_is_marked_and_the_old_one_can_be_opened(world, visitor) -> None:
    registrar, at = world.actors[Role.REGISTRAR], clock()
    async with world.sessions.begin() as db:
        world.applicant = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Uusi Oy"))
        book = await papers.a_rulebook_of_papers(db, registrar, at=at)
        application = await registry.start_application(db, book, by=world.applicant, at=at)
        old, new = [
            await papers.a_document(db, world.applicant, until=date(year, 12, 31), at=at)
            for year in (2098, 2099)
        ]
    await sent_again(world, application, N1=str(old))
    await returned(world, application, N1="Uudempi, kiitos.")
    await sent_again(world, application, N1=str(new))
    who = await visitor(Role.REGISTRAR)
    told = told_of((await who.get(f"/procurer/applications/{application}")).text, "N1")
    assert "Changed since round 1" in told
    link = f"/procurer/document-versions/{old}/file"
    assert link in told.split("In round 1:")[1]
    assert (await who.get(link)).status_code == 200


async def test_a_mark_is_carried_over_only_where_the_answer_stands(world, visitor, application) -> None:
    registrar = world.actors[Role.REGISTRAR]
    async with world.sessions.begin() as db:
        await registry.assign(db, application, registrar.person_id, by=registrar, at=clock())
        marks = {
            "D1": GiveVerdict(met=True),
            "N1": GiveVerdict(met=False, reason="Liian vähän."),
            "R1": GiveVerdict(met=True),
        }
        order = AssessApplication(marks=marks, is_done=True)
        await registry.assess(db, application, order, by=registrar, at=clock())
    await returned(world, application, N1="Lisää.")
    await sent_again(world, application, N1="9")
    async with world.sessions.begin() as db:
        await registry.assign(db, application, registrar.person_id, by=registrar, at=clock())
    who = await visitor(Role.REGISTRAR)
    page = (await who.get(f"/procurer/applications/{application}/assessment")).text
    assert "checked" in told_of(page, "D1")
    assert "checked" not in told_of(page, "N1")
    assert "Your mark before the change" in told_of(page, "N1")
    assert "Liian vähän." in told_of(page, "N1")
    assert 'value="Liian vähän."' not in page
