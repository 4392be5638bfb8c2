"""Filters in the address: each narrows, says so, and says how many there would be without it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from setori import places
from setori.app import clock
from setori.people import Role
from tests.domains import builders as a
from tests.web.public.test_catalogue import anybody, market, more_coaches  # noqa: F401
from tests.web.visiting import visitor


@pytest.fixture
async def two_firms(market, fresh_database):  # noqa: F811
    """Maija of the market in Tampere; and one by video in Turku, who has step-free rooms, a topic and hours."""
    async with fresh_database.sessions.begin() as db:
        await places.load_municipalities(
            db,
            [
                ("837", "0011", {"fi": "Tampere", "sv": "Tammerfors"}),
                ("853", "0011", {"fi": "Turku", "sv": "Åbo"}),
            ],
        )
        await places.place_municipalities(db, [("837", 61.498, 23.760), ("853", 60.451, 22.267)])
        await places.load_postal_codes(
            db, [("33100", "837", {"fi": "Tampere"}), ("20100", "853", {"fi": "Turku"})]
        )
        firm = await a.a_provider(db, "Väylä Oy", at=clock())
        await db.exec(
            text("update provider_profile set city = 'Turku' where provider_id = :id").bindparams(id=firm)
        )
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm, at=clock())
        (rulebook,) = (
            await db.exec(text("select id from rulebook where procurer_id is not null limit 1"))
        ).scalars()
        await a.an_approval(db, rulebook, firm, at=clock())
        coach = await a.a_coach(db, firm, "Pekka Pitkä", specialities=["Keittiöt"], at=clock())
        await a.an_offering(
            db,
            owner,
            market.service_id,
            [coach],
            price_cents=30_00,
            access=["step_free", "hearing_loop"],
            at=clock(),
        )
        for weekday in range(1, 8):
            await db.exec(
                text(
                    "insert into weekly_hours values (gen_random_uuid(), :coach, :day, 480, 1080, 60, 0, 'video', '')"
                ).bindparams(coach=coach, day=weekday)
            )
    return coach


def who(page: str) -> list[str]:
    return sorted(re.findall(r'coach-name" id="[^"]+"><a href="[^"]+">([^<]+)<', page))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Maija Mäkelä", "Pekka Pitkä"]),
        ("within=3", ["Pekka Pitkä"]),
        ("access=step_free", ["Pekka Pitkä"]),
        ("access=step_free&access=hearing_loop", ["Pekka Pitkä"]),
        ("access=step_free&access=quiet_room", []),
        ("speciality=Keitti%C3%B6t", ["Pekka Pitkä"]),
        ("most_euros=30%2C00", ["Pekka Pitkä"]),
        ("most_euros=29,99", []),
        ("near=33100&km=25", ["Maija Mäkelä"]),
        ("near=%C3%85bo&km=10", ["Pekka Pitkä"]),
        ("near=turku&km=100", ["Pekka Pitkä"]),
        ("q=keitti", ["Pekka Pitkä"]),
        ("q=keitioo&near=33100&km=25", []),
    ],
)
async def test_each_filter_narrows(anybody, two_firms, query, names):  # noqa: F811
    answer = await anybody.get(f"/coaches?{query}")
    assert answer.status_code == 200
    assert who(answer.text) == names


async def test_the_nearest_comes_first_and_says_how_far(anybody, two_firms):  # noqa: F811
    page = (await anybody.get("/coaches?near=20100&order=distance")).text
    assert re.findall(r'coach-name" id="[^"]+"><a href="[^"]+">([^<]+)<', page) == [
        "Pekka Pitkä",
        "Maija Mäkelä",
    ]
    assert "about 0 km away" in page
    assert int(re.search(r"about (\d\d+) km away", page)[1]) == pytest.approx(141, abs=3)
    assert "Nearest first" in page
    assert "Nearest first" not in (await anybody.get("/coaches")).text, "there is no distance from nowhere"


async def test_an_unknown_place_is_said_at_its_field_and_nobody_is_left_out(anybody, two_firms):  # noqa: F811
    page = (await anybody.get("/coaches?near=Atlantis&km=10")).text
    assert "We do not know this place" in page
    assert 'aria-invalid="true"' in page
    assert len(who(page)) == 2


async def test_when_nobody_fits_each_filter_says_how_many_there_would_be_without_it(anybody, two_firms):  # noqa: F811
    page = (await anybody.get("/coaches?q=maija&access=step_free&language=fi")).text
    assert "Nobody fits all of that" in page
    loosen = re.search(r'<ul class="loosen">(.*?)</ul>', page, re.DOTALL)[1]
    assert '/coaches?language=fi&amp;access=step_free">Without “maija” there is 1' in loosen
    assert '/coaches?q=maija&amp;language=fi">Without “Step-free way in” there is 1' in loosen
    assert "Finnish" not in loosen, "without the language there would be nobody either"
    several = (await anybody.get("/coaches?q=nobody-at-all")).text
    assert "Without “nobody-at-all” there are 2" in several


async def test_every_tag_leads_to_the_address_without_it(anybody, two_firms):  # noqa: F811
    page = (await anybody.get("/coaches?near=33100&km=25&within=7&access=step_free&access=hearing_loop")).text
    tags = re.findall(r'class="chip" href="([^"]+)">(.*?) <span aria', page)
    assert [(says, href.replace("&amp;", "&")) for href, says in tags] == [
        ("near Tampere", "/coaches?within=7&access=step_free&access=hearing_loop"),
        ("within 25 km", "/coaches?near=33100&within=7&access=step_free&access=hearing_loop"),
        ("a free time within 7 days", "/coaches?near=33100&km=25&access=step_free&access=hearing_loop"),
        ("Step-free way in", "/coaches?near=33100&km=25&within=7&access=hearing_loop"),
        ("Hearing loop", "/coaches?near=33100&km=25&within=7&access=step_free"),
    ]


async def test_counts_stand_beside_each_filter(anybody, two_firms):  # noqa: F811
    page = (await anybody.get("/coaches?near=33100")).text
    assert re.search(r'value="25">25 km \(1\)', page)
    assert re.search(r'value="3">within 3 days \(1\)', page)
    assert re.search(r'value="keittiöt">keittiöt \(1\)', page)
    assert re.search(r'value="step_free"><span>Step-free way in <span class="muted">\(1\)', page)


async def test_a_holder_ticks_what_the_voucher_pays(anybody, two_firms, market, fresh_database, client):  # noqa: F811
    assert "What my voucher pays" not in (await anybody.get("/coaches")).text
    async with fresh_database.sessions.begin() as db:
        await db.exec(text("update choice set ended_at = now()"))
    holder = await visitor(client, fresh_database.sessions, market.actors[Role.JOBSEEKER])
    page = (await holder.get("/coaches")).text
    cap = re.search(r'name="most_euros" value="([^"]+)"><span>What my voucher pays', page)[1]
    ticked = (await holder.get(f"/coaches?most_euros={cap}")).text
    assert f'value="{cap}" checked' in ticked


async def test_the_numbers_behind_the_order_add_up(anybody, two_firms):  # noqa: F811
    page = (await anybody.get("/coaches?numbers=1")).text
    table = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)[1]
    drawn = []
    for row in re.findall(r"<tr>(.*?)</tr>", table):
        told = [cell.replace("\u2212", "-") for cell in re.findall(r'class="num">([^<]+)<', row)]
        score, spread, luck, draw = map(float, told)
        assert draw == pytest.approx(score + spread * luck, abs=0.02)
        drawn.append(draw)
    assert len(drawn) == 2
    assert drawn == sorted(drawn, reverse=True)
    assert "numbers=1" in (await anybody.get("/coaches")).text


async def test_kept_cards_speak_the_readers_language_and_know_no_reader(anybody, two_firms):  # noqa: F811
    english = (await anybody.get("/coaches")).text
    value = re.search(r'name="pair" value="([^"]+)"', english)[1]
    finnish = (await anybody.get("/coaches", **{"accept-language": "fi"})).text
    assert ("Speaks" in english, "Kielet" in finnish) == (True, True)
    assert "Speaks" not in finnish
    ticked = (await anybody.get(f"/coaches?pair={value}")).text
    assert f'value="{value}" checked' in ticked
    assert f'value="{value}" checked' not in (await anybody.get("/coaches")).text
    assert len(re.findall(r"<article", ticked)) == 2


async def test_words_in_a_card_are_no_markup(anybody, market, fresh_database):  # noqa: F811
    async with fresh_database.sessions.begin() as db:
        owner = market.actors[Role.PROVIDER_OWNER]
        coach = await a.a_coach(
            db, market.provider_id, "<b>Bo</b>", own_words={"en": "<script>x</script>"}, at=clock()
        )
        await a.an_offering(db, owner, market.service_id, [coach], at=clock() - timedelta(days=1))
    for _ in range(2):
        page = (await anybody.get("/coaches?q=bo")).text
        assert "&lt;script&gt;x" in page
        assert "<script>x" not in page
        assert "<b>Bo" not in page
