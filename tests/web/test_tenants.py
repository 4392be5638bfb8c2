"""Nobody reaches another's things: every route with an id in its address, asked by every role of a neighbour.

The routes come from the app itself. A route that this file does not know how to ask makes a test fail.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from setori import people
from setori.app import clock
from setori.days import local_day, month_of, noon
from setori.db import new_id
from setori.people import Actor, Role
from setori.web.guards import Policy
from tests.conftest import RealDatabase
from tests.domains.papers import a_pdf
from tests.web.test_doors import TOKEN
from tests.web.things import Things, all_things, told_to
from tests.web.visiting import Visitor, visitor
from tests.world import Market, a_market, a_session

API = "/api/"
PAPER = a_pdf()
EVERYTHING = "everything"

NO_IDS = {
    "/static/{file_path}": "files of the site's own",
    "/api/v1/{path}": "whatever is not in the documentation",
    "/calendars/{token}": "a secret of 256 bits: whoever has it may read that calendar",
    "/claim/{token}": "a secret of 256 bits: whoever has it holds the letter",
    "/open/figures/{name}": "a month's file of open data",
    "/how-is-it/{code}": "a secret of 192 bits: whoever has it holds the letter",
}
"""Addresses with parts of which none names a row, with what they are."""

WORDS = {"code": "N1", "round": "1"}
"""Parts that name no row beside an id: which question of an application, which of its filings."""

OPEN: dict[str, tuple[str, str]] = {
    "GET /offerings/{offering_id}": ("offering", "the catalogue is open to everybody"),
    "GET /providers/{provider_id}": ("provider", "the register is open to everybody"),
    "GET /api/v1/providers/{provider_id}": ("provider", "the register is open data"),
    "GET /register/hsds/organizations/{provider_id}": ("provider", "so it is in Open Referral's words"),
    "GET /register/hsds/services/{offering_id}": ("offering", "the catalogue is open data too"),
    "GET /rulebooks/{rulebook_id}/changes": ("published rulebook", "so is what changed from one to the next"),
    "GET /rulebooks/{rulebook_id}/criteria.csv": ("published rulebook", "the same as a file"),
    "GET /reviews/{review_id}/report": ("review", "what stands on a public page is reported by anybody"),
    "POST /reviews/{review_id}/report": ("review", "so it is"),
    "GET /dialogue/{dialogue_id}": (EVERYTHING, "drafts are up for anybody's comments"),
    "GET /dialogue/{dialogue_id}/remarks.csv": (EVERYTHING, "the same as a file"),
    "GET /dialogue/{dialogue_id}/changes.csv": (EVERYTHING, "what became of the draft is open to everybody"),
    "POST /dialogue/{dialogue_id}/remarks": (EVERYTHING, "anybody may comment"),
    "GET /rulebooks/{rulebook_id}": ("published rulebook", "the terms of approval are open to everybody"),
    "GET /provider/rulebooks/{rulebook_id}": (
        "published rulebook",
        "any firm may read what it could apply to",
    ),
    "POST /provider/rulebooks/{rulebook_id}/applications": ("published rulebook", "any firm may apply"),
    "GET /procurer/adoptions/{their_approval_id}": (
        "approval elsewhere",
        "who is approved by whom is public",
    ),
    "POST /procurer/adoptions/{their_approval_id}": (
        "approval elsewhere",
        "any procurer may approve the same",
    ),
    "POST /procurer/adoptions/{their_approval_id}/invitation": (
        "approval elsewhere",
        "any procurer may invite",
    ),
    "PUT /api/v1/redemptions/{redemption_id}": (
        EVERYTHING,
        "the caller makes the id, so a new one is a new session; a test below holds what a taken one tells",
    ),
}
"""What is meant for others too: of each route the thing that is open, and why. Its other things are not."""

FIRM = frozenset({Role.COACH, Role.PROVIDER_OWNER})
HOLDER = frozenset({Role.JOBSEEKER})
BEARERS: dict[str, frozenset[Role]] = {
    "POST /api/v1/vouchers/{voucher_id}/choice": HOLDER,
    "POST /api/v1/redemptions/{redemption_id}/confirmation": HOLDER,
    "POST /api/v1/redemptions/{redemption_id}/dispute": HOLDER,
    "POST /api/v1/redemptions/{redemption_id}/reversal": FIRM,
    "PUT /api/v1/redemptions/{redemption_id}": FIRM,
}
"""Who may call a route of the JSON face. Pages say it themselves, in their policy."""


@dataclass(frozen=True)
class Door:
    """One way to call one route with ids in its address."""

    method: str
    path: str
    ids: tuple[str, ...]
    policy: Policy

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def roles(self) -> frozenset[Role]:
        """Whose role opens it. An open page is open in every role."""
        if self.policy.by_token:
            return BEARERS[self.name]
        return frozenset(Role) if self.policy.anybody else self.policy.roles

    def at(self, **ids: UUID) -> str:
        return self.path.format(**WORDS, **ids)


def doors_of(app: Litestar) -> list[Door]:
    """Every page and every operation of the JSON face with a row's id in its address; what ends things comes last."""
    found = [
        Door(method, route.path_format, tuple(set(route.path_parameters) - set(WORDS)), handler.opt["policy"])
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path_parameters and route.path_format not in NO_IDS
        for handler in route.route_handlers
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    ]
    ends = ("/cancellation", "/removal", "/roles/{membership_id}")
    return sorted(found, key=lambda door: (door.method != "GET", door.path.endswith(ends), door.name))


@dataclass(frozen=True)
class Neighbours:
    """Two markets that have nothing to do with each other, and the things of the first."""

    ours: Market
    theirs: Market
    things: Things


@pytest.fixture
async def neighbours(app: Litestar, fresh_database: RealDatabase) -> Neighbours:
    month = month_of(month_of(local_day(clock())) - timedelta(days=1))
    key = app.state.code_key
    theirs = await a_market(fresh_database, at=noon(month), key=key)
    ours = await a_market(fresh_database, at=noon(month), key=key, area=("0022", "Varsinais-Suomi"))
    return Neighbours(ours, theirs, await all_things(fresh_database, theirs, key))


class Caller:
    """Somebody in one role, with a browser for the pages and a token for the JSON face."""

    def __init__(self, mine: Market, browser: Visitor, form_token: str, bearer: str) -> None:
        self.browser = browser
        self.form_token = form_token
        self.bearer = bearer
        self.says = told_to(mine)

    async def call(self, door: Door, path: str) -> httpx.Response:
        """Come to a door with a form that is as it should be."""
        client, said = self.browser.client, self.says.get(door.name, {})
        if path.startswith(API):
            token = {"authorization": f"Bearer {self.bearer}"}
            return await client.request(door.method, path, json=said or None, headers=token)
        headers = self.browser.headers
        if door.method == "GET":
            return await client.get(path, params=said, headers=headers)
        sheet = {"file": ("paper.pdf", PAPER, "application/pdf")} if "valid_from" in said else None
        return await client.post(path, data={"_csrf": self.form_token, **said}, files=sheet, headers=headers)


OPENS_LATER = {
    "POST /procurer/statements/{statement_id}/payment/unpaid": 409,
    "POST /procurer/approvals/{approval_id}/reinstatement": 409,
    "POST /procurer/reviews/{report_id}/showing": 409,
    "POST /reviews/{review_id}/report": 404,
    "POST /provider/reviews/{review_id}/reply": 409,
}
"""Doors that nothing here can open, with what they say instead: a payment has to have been stopped for two days, and
an approval that began today is suspended from tomorrow on. Words that were let stand are not shown again, and those
of a review were said anew by the time that they are reported; a firm that has replied replies no more."""


async def come(client: httpx.AsyncClient, database: RealDatabase, mine: Market, who: Actor) -> Caller:
    browser = await visitor(client, database.sessions, who)
    found = TOKEN.search((await browser.get("/roles")).text)
    assert found
    async with database.sessions.begin() as db:
        held = await people.list_memberships(db, who.person_id)
        membership = next(one.id for one in held if one.role is who.role)
        return Caller(
            mine, browser, found[1], await people.mint_api_token(db, membership, "test", at=clock())
        )


async def everybody(
    client: httpx.AsyncClient, database: RealDatabase, mine: Market
) -> AsyncIterator[tuple[Role, Caller]]:
    assert set(mine.actors) == set(Role)
    for role, actor in mine.actors.items():
        yield role, await come(client, database, mine, actor)


def all_addresses(door: Door, things: Things) -> Iterator[tuple[str, str, str]]:
    """(a thing's name, its address, the same address with an id that nobody has), of what is not open."""
    (name,) = door.ids
    opened, _ = OPEN.get(door.name, ("", ""))
    for called, id in things[name].items():
        if opened not in (called, EVERYTHING):
            yield called, door.at(**{name: id}), door.at(**{name: new_id()})


def said_in(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer tells: but for a page that refuses a role, where the form's token looks new each time."""
    body = answer.content if answer.status_code == 404 else TOKEN.sub("", answer.text).encode()
    told = {k: v for k, v in answer.headers.items() if k not in ("x-request-id", "content-length")}
    return answer.status_code, body, told


async def contents(database: RealDatabase) -> dict[str, str]:
    """A fingerprint of every table, but for when a browser was last seen."""
    owner = await asyncpg.connect(database.owner_url)
    try:
        tables = await owner.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
        return {
            table: await owner.fetchval(
                f"select md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) from \"{table}\" t"
            )
            for (table,) in tables
            if table != "sign_in"
        }
    finally:
        await owner.close()


async def test_every_route_with_an_id_is_known_here(app: Litestar, neighbours: Neighbours) -> None:
    """A new kind of id needs a thing of its kind, a new form its words, a new operation its roles."""
    doors = {door.name: door for door in doors_of(app)}
    spoken = set(told_to(neighbours.ours))
    assert {name: door.ids for name, door in doors.items() if len(door.ids) != 1} == {}, "not one id"
    assert {door.ids[0] for door in doors.values()} == set(neighbours.things), "ids without a thing"
    assert {name for name, door in doors.items() if door.method != "GET"} - spoken == set(), "no words"
    assert {name for name, door in doors.items() if door.policy.by_token} == set(BEARERS), "no roles"
    assert {name for name, door in doors.items() if door.policy.anybody} - set(OPEN) == set(), "no reason"
    assert (spoken | set(OPEN)) - set(doors) == set(), "routes that are gone"


async def test_what_is_anothers_looks_like_what_is_missing_to_every_role(
    app: Litestar, client: httpx.AsyncClient, fresh_database: RealDatabase, neighbours: Neighbours
) -> None:
    """Byte for byte, by every method; a role that a route is not for is refused alike; and nothing is changed."""
    callers = [pair async for pair in everybody(client, fresh_database, neighbours.ours)]
    before, wrong, asked = await contents(fresh_database), [], 0
    for role, caller in callers:
        for door in doors_of(app):
            # Who is refused at the door is refused before anybody looks at what lies behind it: one thing tells that.
            addresses = list(all_addresses(door, neighbours.things))[: None if role in door.roles else 1]
            missing = [await caller.call(door, nowhere) for _, _, nowhere in addresses[:1]]
            for called, place, _ in addresses:
                theirs, nobodys = await caller.call(door, place), missing[0]
                expected = 404 if role in door.roles else 403
                asked += 1
                if theirs.status_code != expected or said_in(theirs) != said_in(nobodys):
                    wrong.append((role.value, door.name, called, theirs.status_code, nobodys.status_code))
    assert wrong == []
    assert asked > 400, "there is something to ask"
    assert await contents(fresh_database) == before


async def test_the_same_calls_open_the_doors_to_those_whose_things_they_are(
    app: Litestar, client: httpx.AsyncClient, fresh_database: RealDatabase, neighbours: Neighbours
) -> None:
    """What is asked above is refused for whose it is, and not for how it is asked."""
    shut = {door.name: set[int]() for door in doors_of(app)}
    callers = [pair async for pair in everybody(client, fresh_database, neighbours.theirs)]
    for door in doors_of(app):
        for role, caller in callers:
            for id in neighbours.things[door.ids[0]].values():
                if role in door.roles and door.name in shut:
                    answer = await caller.call(door, door.at(**{door.ids[0]: id}))
                    shut[door.name].add(answer.status_code)
                    if answer.status_code < 400 or answer.status_code == OPENS_LATER.get(door.name):
                        del shut[door.name]
    assert shut == {}


async def test_a_taken_id_of_a_session_tells_a_strange_firm_no_more_than_one_of_its_own(
    app: Litestar, client: httpx.AsyncClient, fresh_database: RealDatabase, neighbours: Neighbours
) -> None:
    """The figures are the other firm's own: its receipt is not for those who can guess them."""
    (door,) = [door for door in doors_of(app) if door.method == "PUT"]
    own = await a_session(fresh_database.sessions, neighbours.ours, at=clock(), key=app.state.code_key)
    caller = await come(client, fresh_database, neighbours.ours, neighbours.ours.actors[Role.COACH])
    caller.says[door.name] |= {"units": 2}
    of_ours = await caller.call(door, door.at(redemption_id=own))
    assert of_ours.status_code == 422
    for says in (told_to(neighbours.ours), told_to(neighbours.theirs)):
        caller.says = says
        for taken in neighbours.things["redemption_id"].values():
            assert said_in(await caller.call(door, door.at(redemption_id=taken))) == said_in(of_ours)
    unknown = await caller.call(door, door.at(redemption_id=new_id()))
    assert unknown.json()["type"] == "urn:setori:problem:unknown-code", "another firm's client is nobody here"


async def test_an_id_in_a_form_or_a_question_reaches_nothing_of_anothers(
    client: httpx.AsyncClient, fresh_database: RealDatabase, neighbours: Neighbours
) -> None:
    ours, theirs = neighbours.ours, neighbours.theirs
    desk = await come(client, fresh_database, ours, ours.actors[Role.CASE_WORKER])
    registrar = await come(client, fresh_database, ours, ours.actors[Role.REGISTRAR])
    draft = neighbours.things["rulebook_id"]["draft 0"]
    before = await contents(fresh_database)
    answers = []
    for programme, rulebook in ((theirs.programme_id, draft), (new_id(), new_id())):
        order = {"programme_id": str(programme), "name": "Eero Oja", "email": "eero@example.fi"}
        token = {"authorization": f"Bearer {desk.bearer}"}
        copy = await registrar.browser.get(f"/procurer/rulebooks/new?copy={rulebook}")
        answers.append(
            [
                said_in(await client.post("/api/v1/vouchers", json=order, headers=token)),
                said_in(await desk.browser.post("/procurer/vouchers", order)),
                (copy.status_code, copy.text.replace(str(rulebook), "")),  # the page links to itself
            ]
        )
    assert [said[0] for said in answers[0]] == [404, 404, 404]
    assert answers[0] == answers[1]
    assert await contents(fresh_database) == before
