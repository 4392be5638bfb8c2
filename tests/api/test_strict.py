"""The JSON face takes nothing for something else, answers a replay as the first time, and never breaks on odd input."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from setori.app import clock
from setori.days import local_day
from setori.people import Role
from tests.api.conftest import is_problem, session
from tests.api.test_api import signed
from tests.conftest import RealDatabase
from tests.world import a_market


async def posting_of(database: RealDatabase, phase: str) -> UUID:
    """Some posting that is no session's own: of another phase, such as a capture, or of an issue."""
    async with database.sessions() as db:
        connection = await db.connection()
        found = await connection.exec_driver_sql(
            "select id from posting where phase = %s and id not in (select id from redemption) limit 1".replace(
                "%s", "$1"
            ),
            (phase,),
        )
        id: UUID = found.scalars().one()
        return id


@pytest.mark.parametrize("phase", ["post", "capture"])
async def test_the_id_of_another_posting_is_taken(market, machine, fresh_database, phase) -> None:
    coach, holder = await machine(market.actors[Role.COACH]), await machine(market.actors[Role.JOBSEEKER])
    held = f"/redemptions/{uuid4()}"
    assert (await coach.send("PUT", held, session(market))).status_code == 201
    assert (await holder.send("POST", f"{held}/confirmation")).status_code == 200
    taken = await posting_of(fresh_database, phase)
    answer = await coach.send("PUT", f"/redemptions/{taken}", session(market))
    assert is_problem(answer, 422, "other-figures")
    assert (await coach.send("PUT", f"/redemptions/{uuid4()}", session(market))).json()["units_left"] == 1


async def test_a_replay_answers_what_the_first_answer_said_whatever_has_become_of_it(market, machine) -> None:
    coach, holder = await machine(market.actors[Role.COACH]), await machine(market.actors[Role.JOBSEEKER])
    place, first_order, next_order = f"/redemptions/{uuid4()}", session(market), session(market, units=2)
    first = await coach.send("PUT", place, first_order)
    second = f"/redemptions/{uuid4()}"
    later = await coach.send("PUT", second, next_order)
    for deed, body in (("confirmation", None), ("reversal", {"reason": "the wrong day"})):
        of = holder if deed == "confirmation" else coach
        assert (await of.send("POST", f"{place}/{deed}", body)).status_code == 200
        again = await coach.send("PUT", place, first_order)
        assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
        assert again.content == first.content
    assert (first.json()["status"], first.json()["units_left"]) == ("held", 2)
    assert (await coach.send("PUT", second, next_order)).content == later.content
    assert later.json()["units_left"] == 0


@pytest.mark.parametrize(
    "other",
    [
        {"units": "1"},
        {"units": 1.0},
        {"units": True},
        {"units": ""},
        {"units": [1]},
        {"service_day": 0},
        {"service_day": "0"},
        {"service_day": "1700000000"},
        {"service_day": "2026-11-23T00:00:00Z"},
        {"service_day": " 2026-11-23"},
        {"service_day": "23.11.2026"},
        {"minutes": "45"},
        {"minutes": 45.5},
        {"begins": 36000, "minutes": 45},
        {"begins": "36000", "minutes": 45},
        {"begins": "10:00+02:00", "minutes": 45},
        {"voucher_code": 5},
        {"note": ["a"]},
    ],
    ids=str,
)
async def test_a_value_of_another_kind_is_refused_at_its_field(
    market, machine, other: dict[str, Any]
) -> None:
    coach, place = await machine(market.actors[Role.COACH]), f"/redemptions/{uuid4()}"
    answer = await coach.send("PUT", place, session(market, **other))
    assert is_problem(answer, 422, "invalid")
    assert list(answer.json()["errors"]) == [next(iter(other))]
    assert (await coach.send("PUT", place, session(market))).status_code == 201, "nothing was recorded before"


async def test_values_of_the_right_kind_are_taken(app, fresh_database, machine) -> None:
    yesterday = clock() - timedelta(days=1)
    market = await a_market(fresh_database, units=3, at=yesterday - timedelta(days=1), key=app.state.code_key)
    coach, desk = await machine(market.actors[Role.COACH]), await machine(market.actors[Role.CASE_WORKER])
    full = session(
        market,
        service_day=str(local_day(yesterday)),
        minutes=45,
        begins="00:10",
        way="video",
        note="",
        private_note="x",
    )
    assert (await coach.send("PUT", f"/redemptions/{uuid4()}", full)).status_code == 201
    none = session(market, minutes=None, begins=None, way=None)
    assert (await coach.send("PUT", f"/redemptions/{uuid4()}", none)).status_code == 201
    order = {"programme_id": str(market.programme_id), "name": "Veera Laine", "email": "veera@example.fi"}
    for wrong in ({"units": "3"}, {"expires_on": 20000}, {"value_cents": 1.5}):
        refused = await desk.send("POST", "/vouchers", order | wrong)
        assert is_problem(refused, 422, "invalid")
        assert refused.json()["errors"].keys() == wrong.keys()
    assert (await desk.send("POST", "/vouchers", order | {"support_need": None})).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b'"x"',
        b"{",
        b'{"units": NaN}',
        b'{"units": 1e999}',
        b'{"note": "\\ud800"}',
        b"\xff",
    ],
    ids=str,
)
async def test_a_body_that_is_none_is_a_problem(market, machine, body: bytes) -> None:
    coach = await machine(market.actors[Role.COACH])
    headers = {"authorization": f"Bearer {coach.token}", "content-type": "application/json"}
    path = f"/api/v1/redemptions/{uuid4()}"
    answer = await coach.client.request("PUT", path, content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_nul_in_words_and_in_the_address_is_left_out(market, machine, client) -> None:
    coach = await machine(market.actors[Role.COACH])
    code = "\0".join(market.code)
    noted = await coach.send(
        "PUT", f"/redemptions/{uuid4()}", session(market, voucher_code=code, note="A\0B", private_note="\0")
    )
    assert noted.status_code == 201
    every = "q=%00&area=%00&language=%00&way=video%00&order=turns%00&after=%%0000"
    assert (await client.get(f"/api/v1/offerings?{every}")).status_code < 500
    assert (await client.get("/api/v1/providers?q=%00&area=00%0011")).status_code == 200
    assert (await client.get("/api/v1/providers/%00")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "payment.booked\\u0000", "data": {}}',
        b'{"\\u0000": 1}',
        b'{"data": {"amount": NaN}}',
        b'{"data": {"amount": -Infinity}}',
        b'{"data": {"amount": 1e999}}',
        b'{"data": ["\\ud800"]}',
        b'{"\\udfff": 1}',
        b'{"data": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"data": ' + b"[" * 20000 + b"]" * 20000 + b"}",
        b'{"data": ' + b"9" * 5000 + b"}",
        b"[]",
        b"{",
        b"\xff",
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
async def test_a_signed_event_that_cannot_be_kept_is_refused_and_the_next_is_heard(
    client, fresh_database, body: bytes
) -> None:
    now = int(clock().timestamp())
    answer = await client.post("/webhooks/payments", content=body, headers=signed(body, at=now))
    assert is_problem(answer, 422, "unreadable-event")
    forged = signed(body, at=now) | {"webhook-signature": "v1,AAAA"}
    assert is_problem(
        await client.post("/webhooks/payments", content=body, headers=forged), 401, "not-the-gateway"
    )
    good = '{"type": "€ \U0001f600", "data": {"amount": 1e300, "deep": [[[[1.5]]]]}}'.encode()
    answer = await client.post("/webhooks/payments", content=good, headers=signed(good, at=now))
    assert answer.json() == {"new": True}
