"""The page of the method is made of the rules' numbers; figures are shown with what is behind them, and as files."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from setori import figures
from setori.app import clock
from setori.days import local_day, month_of
from setori.figures import OutcomeFigure, RegisterFigure
from setori.people import Role
from setori.quality import constants
from setori.web.public.method import COLUMNS, NUMBERS
from tests.domains import builders as a
from tests.web.visiting import Visitor, visitor
from tests.world import a_market

NAMES = [name for name in vars(constants) if name.isupper()]


def changed(value):
    """The same constant, otherwise."""
    return tuple(changed(one) for one in value) if isinstance(value, tuple) else value * 1.5 + 1


@pytest.fixture
async def market(app, fresh_database):
    return await a_market(fresh_database, at=clock(), key=app.state.code_key)


@pytest.fixture
def anybody(client, market):
    return Visitor(client)


def a_figure(market, months, observed, finished):
    return OutcomeFigure(
        provider_id=market.provider_id,
        service_id=market.service_id,
        months=months,
        finished=finished,
        observed=observed,
        expected=11.5,
        variance=4.0,
        overall=0.38,
        k=10.0,
        rate=0.52,
        low=0.41,
        high=0.64,
        strata=[["high", 2, 3, finished - 7, observed - 1, 0.2], [None, None, None, 7, 1, 0.3]],
        counted_on=local_day(clock()),
    )


@pytest.fixture
async def told(fresh_database, market):
    """The market's provider has figures, and they were published this month."""
    async with fresh_database.sessions.begin() as db:
        db.add(a_figure(market, 3, 18, 30))
        db.add(a_figure(market, 6, 9, 20))
        db.add(a_figure(market, 12, 2, 12))
        db.add(
            RegisterFigure(
                provider_id=market.provider_id,
                service_id=market.service_id,
                months=12,
                register_code="elsewhere",
                source="Sample register of elsewhere",
                subjects=2,
                completed=130,
                reached=88,
                overall=0.6,
                k=8.0,
                rate=0.67,
                low=0.61,
                high=0.73,
            )
        )
        await db.flush()
        await figures.publish_month(db, at=clock())
    return market


async def test_every_number_of_the_method_stands_on_the_page_and_changes_with_it(anybody, monkeypatch):
    assert sorted(NUMBERS) == sorted(NAMES)
    before = (await anybody.get("/method")).text
    for name in NAMES:
        with monkeypatch.context() as otherwise:
            otherwise.setattr(constants, name, changed(getattr(constants, name)))
            assert (await anybody.get("/method")).text != before, name
    assert (await anybody.get("/method")).text == before
    said = {
        "HALF_LIFE_DAYS": "777 days ago",
        "ENOUGH_FINISHED": "Below 777 finished",
        "LEAST_SHOWN": "than 777 people",
    }
    for name, words in said.items():
        monkeypatch.setattr(constants, name, 777)
        assert words not in before
        assert words in (await anybody.get("/method")).text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "What we never do"), ("fi", "Mitä emme koskaan tee"), ("sv", "Vad vi aldrig gör")],
)
async def test_the_method_is_read_in_three_languages_and_linked_from_everywhere(anybody, language, words):
    page = await anybody.get("/method", **{"accept-language": language})
    assert page.status_code == 200
    assert words in page.text
    assert "bench.order --write" in page.text
    assert 'href="/method"' in (await anybody.get("/how")).text
    assert 'href="/method"' in (await anybody.get("/coaches")).text.split("<footer")[1]


async def test_a_file_tells_what_was_published_and_of_half_years_no_counts(anybody, told):
    month = f"{month_of(local_day(clock())):%Y-%m}"
    listed = (await anybody.get("/open/figures")).text
    assert f'href="/open/figures/{month}.csv"' in listed
    file = await anybody.get(f"/open/figures/{month}.csv")
    assert file.headers["content-type"].startswith("text/csv")
    assert file.headers["access-control-allow-origin"] == "*"
    (row,) = csv.DictReader(io.StringIO(file.text))
    assert tuple(row) == COLUMNS
    assert (row["finished"], row["reached"], row["outcome_3_months"]) == ("30", "18", "0.52")
    assert (row["outcome_6_months"], row["low_6"], row["high_6"]) == ("0.52", "0.41", "0.64")
    assert (row["outcome_12_months"], row["respondents"]) == ("", "")
    again = await anybody.get(f"/open/figures/{month}.csv", **{"if-none-match": file.headers["etag"]})
    assert again.status_code == 304
    assert (await anybody.get(f"/open/figures/{month}")).status_code == 404


@pytest.mark.parametrize(
    "name", ["2020-01.csv", "2020-13.csv", "figures", "2026-1.csv", "%2e%2e", "2026-10", "９９９９-01.csv"]
)
async def test_what_is_no_published_month_is_not_found(anybody, told, name):
    assert (await anybody.get(f"/open/figures/{name}")).status_code == 404


async def test_offering_provider_and_compare_show_the_published_figure_with_its_numbers(anybody, told):
    offering = (await anybody.get(f"/offerings/{told.offering_id}")).text
    for words in ("52%", "between 41% and 64%", "30 clients have finished", "18, which is 60%", "11.5"):
        assert words in offering
    assert "More of them reached a lasting outcome" in offering
    assert "Still so after 6 months: 52%" in offering
    assert "after 12 months:" not in offering
    assert 'href="/method#outcome"' in offering
    register = offering.split("What the firm's register says")[1]
    assert "Sample register of elsewhere" in register
    assert "between 61% and 73%" in register
    provider = (await anybody.get(f"/providers/{told.provider_id}")).text
    assert "between 41% and 64%" in provider
    assert "Sample register of elsewhere" in provider
    compared = (await anybody.get(f"/coaches/compare?pair={told.offering_id}_{told.coach_id}")).text
    assert "between 41% and 64%" in compared
    assert "Sample register" not in compared


async def test_while_there_is_little_it_is_too_early_to_say(anybody, market):
    offering = (await anybody.get(f"/offerings/{market.offering_id}")).text
    section = offering.split('id="outcome"')[1]
    assert "Too early to say" in section
    assert "at least 10 clients" in section
    assert "What came of it" not in (await anybody.get(f"/providers/{market.provider_id}")).text


async def test_the_firm_sees_its_strata_the_procurer_its_providers_and_nobody_else_either(
    client, fresh_database, told
):
    sessions = fresh_database.sessions
    owner, registrar, finance, other = [
        await visitor(client, sessions, who)
        for who in (
            told.actors[Role.PROVIDER_OWNER],
            told.actors[Role.REGISTRAR],
            told.actors[Role.FINANCE],
            (await a_market(fresh_database, at=clock(), area=("0012", "Varsinais-Suomi"))).actors[
                Role.REGISTRAR
            ],
        )
    ]
    own = (await owner.get("/provider/outcomes/figures")).text
    assert "need of support High · Over 24 months · 30 or over" in own
    assert "left out" in own
    assert "52%" not in own.split("After 12 months")[1], "ten of twelve have not reached it: two have"
    listed = (await registrar.get("/procurer/figures")).text
    assert listed.count("52%") == 2
    assert "Suunta Pirkanmaa Oy" in listed
    assert "Suunta Pirkanmaa Oy" not in (await other.get("/procurer/figures")).text
    assert (await finance.get("/procurer/figures")).status_code == 403
    assert (await registrar.get("/provider/outcomes/figures")).status_code == 403
    assert (await owner.get("/procurer/figures")).status_code == 403


async def test_comparing_three_asks_as_often_as_comparing_one(anybody, told, fresh_database):
    async with fresh_database.sessions.begin() as db:
        owner = told.actors[Role.PROVIDER_OWNER]
        more = [
            await a.an_offering(db, owner, told.service_id, [told.coach_id], at=clock() - timedelta(days=n))
            for n in range(2)
        ]
    pairs = [f"pair={one}_{told.coach_id}" for one in (told.offering_id, *more)]
    counts = []
    for number in (1, 3):
        seen: list[str] = []
        note = lambda connection, cursor, statement, *rest, seen=seen: seen.append(statement)  # noqa: E731
        event.listen(Engine, "before_cursor_execute", note)
        answer = await anybody.get(f"/coaches/compare?{'&'.join(pairs[:number])}")
        event.remove(Engine, "before_cursor_execute", note)
        assert answer.text.count("between 41% and 64%") == number
        counts.append(len(seen))
    assert counts[0] == counts[1]
