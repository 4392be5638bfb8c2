"""A dialogue over the pages: from the draft to the published version, with ten comments, each answered."""

import csv
import io
import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from setori import dialogue, people
from setori.app import clock
from setori.days import local_day
from setori.dialogue import Subscribe
from setori.people import Role
from tests.domains import builders as a
from tests.web.visiting import Visitor, visitor

CSRF = re.compile(r'name="_csrf" value="([^"]+)"')
DRAFT = {
    "title.fi": "Ohjauksen vaatimukset",
    "title.en": "Requirements for guidance",
    "criteria.0.code": "D1",
    "criteria.0.kind": "declaration",
    "criteria.0.mandatory": "yes",
    "criteria.0.text.fi": "Vakuutus on voimassa koko ajan",
    "criteria.0.text.en": "The insurance is valid all the time",
    "criteria.1.code": "A1",
    "criteria.1.kind": "document",
    "criteria.1.text.fi": "Todistus veroista",
    "criteria.1.text.en": "A certificate of taxes",
    "criteria.1.expires": "yes",
    "criteria.1.grace_days": "14",
    "criteria.1.document_kind": "tax_certificate",
    "do": "save",
}


class Now:
    """The clock of the app, put forward by the test."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self):
        return clock() + self.ahead


@pytest.fixture
def now(app, monkeypatch) -> Now:
    moment = Now()
    monkeypatch.setattr(app.asgi_handler, "clock", moment)
    return moment


@pytest.fixture
async def world(fresh_database):
    async with fresh_database.sessions.begin() as db:
        procurer_id = await a.a_procurer(db)
        registrar = await a.an_actor(db, Role.REGISTRAR, procurer_id, "Riitta Rekisteri")
        service_id = await a.a_service(db)
        firms = [
            await a.an_actor(
                db, Role.PROVIDER_OWNER, await a.a_provider(db, f"Firma {n} Oy"), f"Omistaja {n}"
            )
            for n in range(8)
        ]
        await dialogue.subscribe(db, Subscribe(email="seuraaja@example.fi", language="en"), at=clock())
    return registrar, service_id, firms, fresh_database.sessions


async def outsider_posts(client: httpx.AsyncClient, path: str, typed: dict[str, str]) -> httpx.Response:
    headers = {"accept-language": "en"}
    token = CSRF.search((await client.get("/news", headers=headers)).text)
    assert token
    return await client.post(path, data={"_csrf": token[1], **typed}, headers=headers)


async def link_to(sessions, email: str) -> str:
    async with sessions() as db:
        person_id = await people.find_by_email(db, email)
        return (await people.list_outbox(db, person_id=person_id)).items[0].params["token"]


def ids_on(page: str) -> list[str]:
    return re.findall(r'name="remark_ids" value="([^"]+)"', page)


async def test_a_dialogue_from_the_draft_to_the_published_version_with_ten_comments(client, world, now):
    registrar, service_id, firms, sessions = world
    desk = await visitor(client, sessions, registrar)
    kept = await desk.post("/procurer/rulebooks", {"service_id": str(service_id), **DRAFT})
    assert kept.status_code == 303, kept.text
    book = kept.headers["location"]
    assert "14 days of grace" in (await desk.get(book)).text

    past = await desk.post(f"{book}/dialogue", {"closes_on": "1.1.2020", "shows": "at_once"})
    assert past.status_code == 422
    assert "Choose a day after today." in past.text
    last = local_day(clock()) + timedelta(days=10)
    opening = {"closes_on": f"{last.day}.{last.month}.{last.year}", "shows": "after_close"}
    opened = await desk.post(f"{book}/dialogue", opening)
    assert opened.status_code == 303, opened.text
    talk = opened.headers["location"].removeprefix("/procurer/dialogues/")
    public, at_desk = f"/dialogue/{talk}", f"/procurer/dialogues/{talk}"
    assert "Requirements for guidance" in (await client.get("/dialogue?lang=en")).text

    browsers = [await visitor(client, sessions, firm) for firm in firms]
    for n, browser in enumerate(browsers):
        code, once = ("D1", "A1", "")[n % 3], str(uuid4())
        for _ in range(2):  # sent twice, said once
            said = await browser.post(
                f"{public}/remarks",
                {"kind": "comment", "code": code, "text": f"Thought {n}", "remark_id": once},
            )
            assert said.status_code == 303, said.text
    for n in range(2):
        email = f"outsider{n}@example.fi"
        typed = {"kind": "comment", "text": f"<b>Outside</b> {n}", "name": f"Olli {n}", "email": email}
        assert (await outsider_posts(client, f"{public}/remarks", typed)).status_code == 200
        token = await link_to(sessions, email)
        before = await client.get(f"/dialogue/confirmation?token={token}")
        assert "&lt;b&gt;Outside&lt;/b&gt;" in before.text
        assert (await outsider_posts(client, "/dialogue/confirmation", {"token": token})).status_code == 303
    asked = {"kind": "question", "code": "D1", "text": "From which day?"}
    assert (await browsers[0].post(f"{public}/remarks", asked)).status_code == 303

    hidden = (await client.get(public)).text
    assert "Thought" not in hidden
    assert "From which day?" in hidden
    assert "Thought 0" in (await browsers[0].get(public)).text
    assert (await desk.get(f"{at_desk}?waiting=yes")).text.count('name="remark_ids"') == 10

    question = ids_on((await desk.get(f"{at_desk}?kind=question")).text)
    replied = await desk.post(
        f"{at_desk}/replies", {"kind": "question", "remark_ids": question, "text": "From the first."}
    )
    assert replied.status_code == 303, replied.text
    assert "From the first." in (await client.get(public)).text

    too_early = await desk.post(f"{book}/publication")
    assert too_early.status_code == 409
    now.ahead = timedelta(days=11)
    desk = await visitor_at(client, sessions, registrar, now)
    assert "Thought 7" in (await client.get(public)).text
    waiting = await desk.post(f"{book}/publication")
    assert (waiting.status_code, "10 comments or questions" in waiting.text) == (409, True)

    empty = await desk.post(
        f"{at_desk}/replies", {"kind": "comment", "verdict": "accepted", "text": "Yes, so."}
    )
    assert empty.status_code == 422
    grouped = {"kind": "comment", "about": "D1", "verdict": "accepted", "text": "All about D1: done."}
    assert (await desk.post(f"{at_desk}/replies", grouped)).status_code == 303
    ticked = ids_on((await desk.get(f"{at_desk}?waiting=yes")).text)
    assert len(ticked) == 7
    several = {"kind": "comment", "remark_ids": ticked[:4], "verdict": "partly", "text": "Half of it."}
    assert (await desk.post(f"{at_desk}/replies", several)).status_code == 303
    for one in ticked[4:]:
        single = {"kind": "comment", "remark_ids": one, "verdict": "not_accepted", "text": "The law says so."}
        assert (await desk.post(f"{at_desk}/replies", single)).status_code == 303

    edited = DRAFT | {
        "service_id": str(service_id),
        "criteria.0.text.en": "The insurance is valid on every day of service",
        "criteria.1.code": "B1",
    }
    assert (await desk.post(book, edited)).status_code == 303
    published = await desk.post(f"{book}/publication")
    assert published.status_code == 303, published.text

    result = (await client.get(public)).text
    assert result.count("All about D1: done.") == 3
    assert result.count("Half of it.") == 4
    assert result.count("The law says so.") == 3
    assert "<ins>on every day of service</ins>" in result
    assert "<del>all the time</del>" in result
    assert "<script" not in result.split("<main")[1]
    assert result.index("All about D1") < result.index("From the first.") < result.index("<ins>")
    rows = list(
        csv.DictReader(io.StringIO((await client.get(f"{public}/remarks.csv?lang=en")).text.lstrip("\ufeff")))
    )
    assert len(rows) == 11
    assert all(row["Answer"] for row in rows)
    changes = await client.get(f"{public}/changes.csv", headers={"accept-language": "en"})
    assert [row["Change"] for row in csv.DictReader(io.StringIO(changes.text))] == [
        "Changed",
        "Added",
        "Removed",
    ]
    assert "no longer open" in (await browsers_late(client, sessions, firms[0], now, public))
    number = book.rsplit("/", 1)[-1]
    for path in (f"/rulebooks/{number}", f"/rulebooks/{number}/changes", f"/rulebooks/{number}/criteria.csv"):
        assert (await client.get(path)).status_code == 200


async def browsers_late(client, sessions, firm, now, public) -> str:
    late = await visitor_at(client, sessions, firm, now)
    return (await late.post(f"{public}/remarks", {"kind": "comment", "text": "One more thing"})).text


async def visitor_at(client, sessions, who, now) -> Visitor:
    """Signed in at the app's own moment: an older sign-in has idled out."""
    async with sessions.begin() as db:
        held = await people.list_memberships(db, who.person_id)
        token = await people.mint_link(db, who.person_id, held[0].id, at=now())
        secret, _ = await people.sign_in(db, token, at=now(), demo=True)
    return Visitor(client, secret)


async def test_two_published_versions_stand_side_by_side_and_a_draft_only_at_its_own_desk(client, world):
    registrar, service_id, firms, sessions = world
    desk = await visitor(client, sessions, registrar)
    books = []
    for words in ("One session a week", "Two sessions a week"):
        typed = {"service_id": str(service_id), **DRAFT, "criteria.0.text.en": words}
        books.append((await desk.post("/procurer/rulebooks", typed)).headers["location"])
    first, second = (book.rsplit("/", 1)[-1] for book in books)
    assert (await desk.post(f"{books[0]}/publication")).status_code == 303
    own = (await desk.get(f"{books[1]}/changes")).text
    assert "<del>One session</del>" in own
    assert "<ins>Two sessions</ins>" in own
    for path in (f"/rulebooks/{second}/changes", f"/rulebooks/{first}/changes?against={second}"):
        assert (await client.get(path)).status_code == 404
    assert (await desk.post(f"{books[1]}/publication")).status_code == 303
    seen = await client.get(f"/rulebooks/{first}/changes?against={second}", headers={"accept-language": "en"})
    assert "<ins>Two sessions</ins>" in seen.text
    assert (await (await visitor(client, sessions, firms[0])).get(f"{books[1]}/changes")).status_code == 403


async def test_somebody_follows_is_told_and_leaves_without_signing_in(client, world, app):
    registrar, service_id, _, sessions = world
    typed = {"email": "uusi@example.fi", "area_code": "0011", "service_id": str(service_id)}
    assert (await outsider_posts(client, "/news", typed)).status_code == 200
    token = await link_to(sessions, "uusi@example.fi")
    assert "Follow these?" in (await client.get(f"/news/confirmation?token={token}&lang=en")).text
    for _ in range(2):
        done = await outsider_posts(client, "/news/confirmation", {"token": token})
        assert "You follow these now" in done.text
    desk = await visitor(client, sessions, registrar)
    book = (await desk.post("/procurer/rulebooks", {"service_id": str(service_id), **DRAFT})).headers[
        "location"
    ]
    assert (await desk.post(f"{book}/publication")).status_code == 303
    from setori import jobs

    assert await jobs.send_news(sessions, clock) == 1
    assert await jobs.send_news(sessions, clock) == 0
    mail = (await client.get("/demo/mail?lang=en")).text
    assert "Requirements for guidance" in mail or "Ohjauksen vaatimukset" in mail
    leave = re.search(r"/news/leave\?token=[\w-]+", mail)
    assert leave
    assert "Leave these?" in (await client.get(leave[0], headers={"accept-language": "en"})).text
    scanner = {"origin": "null", "sec-fetch-site": "cross-site"}
    assert (await client.post(leave[0], data={"x": "y"}, headers=scanner)).status_code == 403
    one_click = await client.post(leave[0], data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code in (200, 201), "a mail program has no token of a form"
    assert "You have left" in (await client.get(leave[0], headers={"accept-language": "en"})).text
    left = await outsider_posts(client, "/news/leave", {"token": leave[0].split("=")[1]})
    assert "You have left" in left.text
    bad = await outsider_posts(client, "/news", {"email": "x@example.fi", "area_code": "9999"})
    assert bad.status_code == 422
    assert (await client.get("/news/leave?token=nothing")).status_code == 409


async def test_an_empty_place_says_what_comes(client):
    for path in ("/dialogue", "/rulebooks/core", "/news"):
        assert (await client.get(path)).status_code == 200
