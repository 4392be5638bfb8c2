"""Finnish is what applicants read by law; and words in another language than the page's say which one they are in."""

import html
import re
from datetime import timedelta

import pytest

from setori import dialogue, registry
from setori.app import clock
from setori.days import local_day
from setori.dialogue import OpenDialogue, Shows
from setori.people import Role
from setori.registry import CriterionKind, DraftCriterion, DraftRulebook, NoFinnish, RulebookStatus

WARNING = "Finnish is missing"


@pytest.fixture
async def english(world):
    """A draft whose title and second criterion are in English only."""
    criteria = [
        DraftCriterion(code="D1", kind=CriterionKind.DECLARATION, text={"fi": "Vakuutus on voimassa"}),
        DraftCriterion(code="E1", kind=CriterionKind.TEXT, text={"en": "How you <b>work</b> & why"}),
    ]
    async with world.sessions.begin() as db:
        order = DraftRulebook(
            service_id=world.service_id, title={"en": "Terms <i>of work</i>"}, criteria=criteria
        )
        return await registry.draft_rulebook(db, order, by=world.actors[Role.REGISTRAR], at=clock())


async def status_of(world, rulebook_id) -> RulebookStatus:
    async with world.sessions.begin() as db:
        return (await registry.find_rulebook(db, rulebook_id, by=world.actors[Role.REGISTRAR])).status


async def test_a_rulebook_without_finnish_is_published_knowingly_only(world, visitor, english) -> None:
    who = await visitor(Role.REGISTRAR)
    path = f"/procurer/rulebooks/{english}/publication"
    page = (await who.get(path)).text
    assert WARNING in page
    assert "2 texts have none:" in page
    assert "the title, E1" in page
    refused = await who.post(path)
    assert refused.status_code == 409
    assert "go on without it" in refused.text
    assert await status_of(world, english) is RulebookStatus.DRAFT
    assert (await who.post(path, without_finnish="yes")).status_code == 303
    assert await status_of(world, english) is RulebookStatus.PUBLISHED


async def test_nor_does_it_go_to_comments_unseen(world, visitor, english) -> None:
    who = await visitor(Role.REGISTRAR)
    path = f"/procurer/rulebooks/{english}/dialogue"
    assert WARNING in (await who.get(path)).text
    last = local_day(clock()) + timedelta(days=20)
    typed = {"closes_on": last.strftime("%d.%m.%Y"), "shows": "at_once"}
    refused = await who.post(path, **typed)
    assert (refused.status_code, WARNING in refused.text) == (409, True)
    assert typed["closes_on"] in refused.text, "what was typed stands"
    assert (await who.post(path, **typed, without_finnish="yes")).status_code == 303
    assert await status_of(world, english) is RulebookStatus.CONSULTATION


async def test_what_is_all_in_finnish_warns_of_nothing(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    order = DraftRulebook(
        service_id=world.service_id,
        title={"fi": "Ehdot"},
        criteria=[DraftCriterion(code="D1", kind=CriterionKind.DECLARATION, text={"fi": "Vakuutus"})],
    )
    async with world.sessions.begin() as db:
        book = await registry.draft_rulebook(db, order, by=world.actors[Role.REGISTRAR], at=clock())
    for step in ("publication", "dialogue"):
        page = (await who.get(f"/procurer/rulebooks/{book}/{step}")).text
        assert WARNING not in page
        assert 'name="without_finnish"' not in page


async def test_the_domain_itself_holds_it_and_leaves_a_trace(world, english) -> None:
    registrar = world.actors[Role.REGISTRAR]
    order = OpenDialogue(closes_on=local_day(clock()) + timedelta(days=20), shows=Shows.AT_ONCE)
    async with world.sessions.begin() as db:
        with pytest.raises(NoFinnish):
            await dialogue.publish(db, english, by=registrar, at=clock())
        with pytest.raises(NoFinnish):
            await dialogue.open_dialogue(db, english, order, by=registrar, at=clock())
        await registry.publish_rulebook(db, english, by=registrar, at=clock(), without_finnish=True)
    async with world.sessions.begin() as db:
        found = await db.connection()
        told = await found.exec_driver_sql(
            f"select detail from audit_entry where action = 'rulebook.published' and subject_id = '{english}'"
        )
        assert told.scalar_one()["without_finnish"] == "title, E1"


async def test_words_in_another_language_than_the_page_say_so_safely(world, visitor, english, client) -> None:
    who = await visitor(Role.REGISTRAR)
    await who.post(f"/procurer/rulebooks/{english}/publication", without_finnish="yes")
    finnish = (await client.get(f"/rulebooks/{english}", headers={"accept-language": "fi"})).text
    assert '<html lang="fi">' in finnish
    assert '<span lang="en">How you &lt;b&gt;work&lt;/b&gt; &amp; why</span>' in finnish
    assert "<b>work</b>" not in finnish
    assert '<span lang="fi">' not in finnish, "Finnish words on a Finnish page need no saying"
    title = re.search(r"<title>(.*?)</title>", finnish, re.S)
    assert title
    assert html.unescape(title[1]).startswith("Terms <i>of work</i>"), "a title holds words only"
    english_page = (await client.get(f"/rulebooks/{english}", headers={"accept-language": "en"})).text
    assert '<span lang="fi">Vakuutus on voimassa</span>' in english_page
    assert '<span lang="en">' not in english_page


async def test_a_choice_in_a_list_holds_words_only(world, visitor, english, client) -> None:
    who = await visitor(Role.REGISTRAR)
    last = (local_day(clock()) + timedelta(days=20)).strftime("%d.%m.%Y")
    typed = {"closes_on": last, "shows": "at_once", "without_finnish": "yes"}
    where = (await who.post(f"/procurer/rulebooks/{english}/dialogue", **typed)).headers["location"]
    page = (
        await client.get(where.replace("/procurer/dialogues", "/dialogue"), headers={"accept-language": "fi"})
    ).text
    assert '<option value="E1">E1: How you &lt;b&gt;work&lt;/b&gt; &amp; why</option>' in page
    assert re.search(r"<h1><span lang=\"en\">", page)
