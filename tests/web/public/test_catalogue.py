"""The catalogue: shareable, fair, honest about figures, and as quick with many coaches as with one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from setori import reviews, vouchers
from setori.app import clock
from setori.db import new_id, wire_of
from setori.people import Role
from setori.reviews import AnswerPulse
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.web.visiting import Visitor, visitor
from tests.world import Market, a_market


@pytest.fixture
async def market(app, fresh_database: RealDatabase) -> Market:
    return await a_market(fresh_database, at=clock(), key=app.state.code_key)


@pytest.fixture
def anybody(client: httpx.AsyncClient, market: Market) -> Visitor:
    return Visitor(client)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that is sent while one looks."""
    seen: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def more_coaches(database: RealDatabase, market: Market, number: int) -> list[UUID]:
    """An offering in English by video with so many coaches."""
    async with database.sessions.begin() as db:
        ids = [
            await a.a_coach(
                db, market.provider_id, f"Coach {n}", languages=["en"], ways=["video"], at=clock()
            )
            for n in range(number)
        ]
        owner = market.actors[Role.PROVIDER_OWNER]
        told = {"languages": ["en"], "ways": ["video"], "title": {"en": "By video"}}
        await a.an_offering(db, owner, market.service_id, ids, at=clock(), **told)
    return ids


async def test_the_page_asks_the_same_few_questions_for_one_coach_and_for_thirty(
    anybody, market, fresh_database
):
    """After a change its firm is read again, with the new cards of the page; and then nothing any more."""
    await anybody.get("/coaches")
    for number in (1, 30):
        await more_coaches(fresh_database, market, number)
        with counted() as after_a_change:
            page = (await anybody.get("/coaches")).text
        assert len(after_a_change) <= 6, after_a_change
        with counted() as again:
            await anybody.get("/coaches")
        # Whether anything has changed is asked on the driver; a transaction for it begins with this.
        assert set(again) <= {"select 1"}
    assert page.count("<article") == 24
    assert "32 coaches" in page


async def test_paging_shows_everybody_once(anybody, market, fresh_database):
    await more_coaches(fresh_database, market, 30)
    first = (await anybody.get("/coaches?order=name")).text
    following = re.search(r'href="(/coaches\?[^"]*after=[^"]+)"', first)
    second = (await anybody.get(following[1].replace("&amp;", "&"))).text
    seen = re.findall(r'coach-name" id="c-[^"]+"><a href="([^"]+)"', first + second)
    assert len(seen) == len(set(seen)) == 31


async def test_a_filter_narrows_is_shown_as_a_tag_and_can_be_taken_away(anybody, market, fresh_database):
    await more_coaches(fresh_database, market, 2)
    page = (await anybody.get("/coaches?way=video&language=en")).text
    assert "2 coaches" in page
    assert "Maija Mäkelä" not in page
    assert 'class="chip" href="/coaches?language=en"' in page
    assert 'class="chip" href="/coaches?way=video"' in page


async def test_when_nobody_fits_the_page_says_what_to_loosen(anybody):
    page = (await anybody.get("/coaches?q=no-such-word&way=in_person")).text
    assert "Nobody fits all of that" in page
    assert 'href="/coaches?way=in_person"' in page


async def test_a_fragment_is_the_very_list_of_the_page(anybody):
    page = (await anybody.get("/coaches?language=fi")).text
    part = (await anybody.get("/coaches?language=fi", **{"hx-request": "true", "hx-target": "results"})).text
    assert "<html" not in part
    assert part.strip() in page


async def test_odd_addresses_are_no_fault_of_the_server(anybody):
    for path in (
        "/coaches?after=rubbish",
        "/coaches?area=nowhere&way=telepathy&service=1&order=bribes",
        "/coaches/compare?pair=x_y&pair=_",
        "/coaches?q=%00%27%25",
        "/providers?q=%00&status=best&service=1&area=x",
    ):
        assert (await anybody.get(path)).status_code in (200, 404, 422), path


async def test_three_stand_side_by_side_and_a_fourth_does_not(anybody, market, fresh_database):
    await more_coaches(fresh_database, market, 4)
    pairs = re.findall(r'name="pair" value="([^"]+)"', (await anybody.get("/coaches?way=video")).text)
    assert len(pairs) == 4
    page = (await anybody.get("/coaches/compare?" + "&".join(f"pair={pair}" for pair in pairs))).text
    assert page.count('<th scope="col">') == 3


async def test_no_figure_is_shown_below_five_people_and_one_with_its_interval_at_five(
    anybody, market, fresh_database, app
):
    path = f"/offerings/{market.offering_id}?coach={market.coach_id}"
    registrar, owner = market.actors[Role.REGISTRAR], market.actors[Role.PROVIDER_OWNER]
    given = (market.procurer_id, registrar, owner, market.offering_id, market.coach_id)
    for count in range(1, 6):
        async with fresh_database.sessions.begin() as db:
            said, holder = await a.a_session(db, *given, at=clock())
            await vouchers.confirm(await wire_of(db), said, by=holder, at=clock())
            pulse_id = await reviews.ask_after(db, said, at=clock())
            order = AnswerPulse(recommend=5, text=f"Answer {count}")
            await reviews.answer(db, pulse_id, order, by=holder, at=clock())
        for page in ((await anybody.get(path)).text, (await anybody.get("/coaches")).text):
            experience, *_ = page.split('id="outcome"')
            assert ("Too early to say" in experience) is (count < 5)
            assert ("<strong>4.1</strong>" in page) is (count == 5), (
                "3.67 of the firm, pulled up by five fives"
            )
            assert ("between 3.7 and 4.5" in page) is (count == 5)
    page = (await anybody.get(path)).text
    assert "Answer 1" in page
    assert "Aino Virtanen" not in page


async def test_choosing_asks_a_stranger_for_a_voucher_and_takes_a_holder_to_the_check_page(
    anybody, market, fresh_database, client
):
    async with fresh_database.sessions.begin() as db:
        other = await a.a_coach(db, market.provider_id, "Fatima Warsame", at=clock())
        owner = market.actors[Role.PROVIDER_OWNER]
        offering = await a.an_offering(db, owner, market.service_id, [other], at=clock())
    path = f"/offerings/{offering}?coach={other}"
    assert "You need a voucher to choose" in (await anybody.get(path)).text
    holder = await visitor(client, fresh_database.sessions, market.actors[Role.JOBSEEKER])
    page = (await holder.get(path)).text
    assert f"/wallet/{market.voucher_id}/choose?offering={offering}&amp;coach={other}" in page


async def test_the_register_tells_who_approved_and_on_which_terms(anybody, market):
    assert "Suunta Pirkanmaa Oy" in (await anybody.get("/providers?q=suunta")).text
    assert "Suunta Pirkanmaa Oy" not in (await anybody.get("/providers?q=suunta&status=suspended")).text
    page = (await anybody.get(f"/providers/{market.provider_id}")).text
    assert "In force" in page
    rulebook = re.search(r'href="(/rulebooks/[^"]+)"', page)
    assert "Vakuutus on voimassa" in (await anybody.get(rulebook[1])).text


async def test_what_does_not_exist_is_not_found(anybody):
    for kind in ("offerings", "providers", "rulebooks"):
        assert (await anybody.get(f"/{kind}/{new_id()}")).status_code == 404


async def test_pages_speak_finnish_to_whoever_asks_for_it(anybody):
    for path, says in (
        ("/coaches", "Miksi tämä järjestys?"),
        ("/coaches/compare", "Vertaile"),
        ("/providers", "rekisteri"),
        ("/how", "Palveluseteli"),
        ("/accessibility", "Saavutettavuus"),
    ):
        page = await anybody.get(path, **{"accept-language": "fi"})
        assert '<html lang="fi">' in page.text
        assert says in page.text, path
