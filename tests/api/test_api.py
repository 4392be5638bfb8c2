"""The JSON face says what the books say, to whom it concerns and to nobody else."""

import base64
import hashlib
import hmac
import json
import warnings
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from setori import catalogue, settlement, vouchers
from setori.app import clock, create_app
from setori.days import local_day, month_of, noon
from setori.people import Actor, Role
from setori.settings import DEMO_WEBHOOK_SECRET
from setori.settlement import ClosePeriod
from tests.api.conftest import API, answer_of, is_problem, session
from tests.conftest import RealDatabase, settings_for
from tests.world import Market, a_market, a_session


async def test_a_session_is_recorded_once_and_replayed_with_its_first_receipt(market, machine) -> None:
    coach = await machine(market.actors[Role.COACH])
    place = f"/redemptions/{uuid4()}"
    first = await coach.send("PUT", place, session(market))
    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    assert first.json()["status"] == "held"
    assert (first.json()["amount_cents"], first.json()["units_left"]) == (market.price_cents, 2)
    again = await coach.send("PUT", place, session(market))
    assert again.status_code == 200
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert is_problem(await coach.send("PUT", place, session(market, units=2)), 422, "other-figures")


async def test_what_the_books_refuse_is_a_problem_that_says_why(market, machine) -> None:
    coach = await machine(market.actors[Role.COACH])
    too_many = await coach.send("PUT", f"/redemptions/{uuid4()}", session(market, units=4))
    assert is_problem(too_many, 409, "not-enough-left")
    assert "3 sessions left" in too_many.json()["detail"]
    unknown = session(market, voucher_code="0000-0000-0000-00")
    assert is_problem(await coach.send("PUT", f"/redemptions/{uuid4()}", unknown), 409, "unknown-code")
    tomorrow = session(market, service_day=str(local_day(clock()) + timedelta(days=1)))
    assert is_problem(await coach.send("PUT", f"/redemptions/{uuid4()}", tomorrow), 409, "future-day")


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"amount_cents": 1}, "amount_cents"),
        ({"units": 0}, "units"),
        ({"service_day": "soon"}, "service_day"),
    ],
    ids=["a field that nobody asked for", "no sessions", "no day"],
)
async def test_input_that_does_not_fit_names_its_field(market, machine, other, field) -> None:
    coach = await machine(market.actors[Role.COACH])
    answer = await coach.send("PUT", f"/redemptions/{uuid4()}", session(market, **other))
    assert is_problem(answer, 422, "invalid")
    assert list(answer.json()["errors"]) == [field]


async def test_a_parameter_that_nobody_knows_is_named_and_refused(client, market, machine) -> None:
    for path in (
        "/offerings?languge=fi",
        "/providers?q=suunta&languge=fi",
        f"/providers/{market.provider_id}?languge=",
    ):
        answer = await client.get(API + path)
        assert is_problem(answer, 422, "invalid"), path
        assert list(answer.json()["errors"]) == ["languge"], path
    owner = await machine(market.actors[Role.PROVIDER_OWNER])
    assert (await owner.send("GET", "/statements?befor=3")).json()["errors"].keys() == {"befor"}
    coach, place = await machine(market.actors[Role.COACH]), f"/redemptions/{uuid4()}"
    assert is_problem(await coach.send("PUT", f"{place}?dry_run=true", session(market)), 422, "invalid")
    assert (await coach.send("PUT", place, session(market))).status_code == 201, "nothing was recorded before"
    every = "q=&area=0011&language=fi&way=video&order=turns&limit=5"
    assert (await client.get(f"{API}/offerings?{every}&service={market.service_id}")).status_code == 200
    assert (await client.get(f"{API}/providers?{every[:12]}&after={uuid4()}&limit=5")).status_code == 200
    assert (await owner.send("GET", "/statements?after=3")).status_code == 200


async def test_the_app_is_made_without_what_the_framework_is_going_to_drop(fresh_database) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        create_app(settings_for(fresh_database))


async def test_a_voucher_goes_from_the_desk_to_a_confirmed_and_taken_back_session(
    market, machine, fresh_database
) -> None:
    desk, coach = await machine(market.actors[Role.CASE_WORKER]), await machine(market.actors[Role.COACH])
    order = {"programme_id": str(market.programme_id), "name": "Veera Laine", "email": "veera@example.fi"}
    issued = await desk.send("POST", "/vouchers", order)
    assert is_problem(await desk.send("POST", "/vouchers", order), 409, "has-one-already")
    assert issued.status_code == 201
    told = issued.json()
    await desk.client.get(told["claim_path"])
    async with fresh_database.sessions.begin() as db:
        await vouchers.claim(db, told["claim_path"].rpartition("/")[2], at=clock())
    veera = await machine(Actor(UUID(told["person_id"]), Role.JOBSEEKER, None, "Veera Laine"))
    choice = {"offering_id": str(market.offering_id), "coach_id": str(market.coach_id)}
    chosen = await veera.send("POST", f"/vouchers/{told['id']}/choice", choice)
    assert chosen.status_code == 201
    assert chosen.json() | choice == chosen.json()
    place = f"/redemptions/{uuid4()}"
    recorded = await coach.send("PUT", place, session(market, voucher_code=told["code"]))
    assert recorded.status_code == 201
    for _ in range(2):
        yes = await veera.send("POST", f"{place}/confirmation")
        assert (yes.status_code, yes.json()["status"]) == (200, "confirmed")
    no = await veera.send("POST", f"{place}/dispute", {"words": "we did not meet"})
    assert is_problem(no, 409, "already-resolved")
    back = await coach.send("POST", f"{place}/reversal", {"reason": "recorded for the wrong day"})
    assert (back.status_code, back.json()["status"], back.json()["units_left"]) == (200, "reversed", 3)


@pytest.mark.parametrize("header", [None, "Bearer setori_nothing", "Basic c2V0b3JpOng=", "Bearer "])
async def test_without_a_valid_token_nothing_is_said(client, market, header) -> None:
    headers = {"authorization": header} if header else {}
    for method, path in (("GET", "/statements"), ("PUT", f"/redemptions/{uuid4()}"), ("POST", "/vouchers")):
        answer = await client.request(method, API + path, headers=headers, json=None)
        assert is_problem(answer, 401, "no-token"), path
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_role_that_may_not_do_it_is_told_so(market, machine, fresh_database) -> None:
    held = await a_session_now(fresh_database, market, machine)
    order = {"programme_id": str(market.programme_id), "name": "Veera Laine", "email": "veera@example.fi"}
    choice = {"offering_id": str(market.offering_id), "coach_id": str(market.coach_id)}
    tries = [
        (Role.JOBSEEKER, "POST", "/vouchers", order),
        (Role.COACH, "POST", "/vouchers", order),
        (Role.CASE_WORKER, "PUT", f"/redemptions/{uuid4()}", session(market)),
        (Role.JOBSEEKER, "PUT", f"/redemptions/{uuid4()}", session(market)),
        (Role.COACH, "POST", f"/redemptions/{held}/confirmation", None),
        (Role.COACH, "POST", f"/redemptions/{held}/dispute", {"words": "because"}),
        (Role.JOBSEEKER, "POST", f"/redemptions/{held}/reversal", {"reason": "because"}),
        (Role.CASE_WORKER, "POST", f"/redemptions/{held}/reversal", {"reason": "because"}),
        (Role.CASE_WORKER, "POST", f"/vouchers/{market.voucher_id}/choice", choice),
        (Role.COACH, "GET", "/statements", None),
        (Role.CASE_WORKER, "GET", "/statements", None),
        (Role.REGISTRAR, "GET", "/statements", None),
        (Role.JOBSEEKER, "GET", "/statements", None),
    ]
    for role, method, path, body in tries:
        answer = await (await machine(market.actors[role])).send(method, path, body)
        assert answer.status_code == 403, (role, method, path, answer.text)
        assert is_problem(answer, 403, "forbidden")


async def a_session_now(database: RealDatabase, market: Market, machine: Any) -> UUID:
    coach, held = await machine(market.actors[Role.COACH]), uuid4()
    assert (await coach.send("PUT", f"/redemptions/{held}", session(market))).status_code == 201
    return held


async def test_what_is_anothers_answers_byte_for_byte_as_what_is_not(
    market, neighbour, machine, fresh_database
) -> None:
    theirs = await a_session_now(fresh_database, neighbour, machine)
    reason = {"reason": "because"}
    choice = {"offering_id": str(market.offering_id), "coach_id": str(market.coach_id)}
    routes = [
        (Role.JOBSEEKER, "POST", "/vouchers/{}/choice", neighbour.voucher_id, choice),
        (Role.JOBSEEKER, "POST", "/redemptions/{}/confirmation", theirs, None),
        (Role.JOBSEEKER, "POST", "/redemptions/{}/dispute", theirs, {"words": "because"}),
        (Role.COACH, "POST", "/redemptions/{}/reversal", theirs, reason),
        (Role.PROVIDER_OWNER, "POST", "/redemptions/{}/reversal", theirs, reason),
    ]
    for role, method, path, subject, body in routes:
        stranger = await machine(market.actors[role])
        other = await stranger.send(method, path.format(subject), body)
        missing = await stranger.send(method, path.format(uuid4()), body)
        assert other.status_code == 404, path
        assert answer_of(other) == answer_of(missing), path
    desk = await machine(market.actors[Role.CASE_WORKER])
    order = {"name": "Veera Laine", "email": "veera@example.fi"}
    other = await desk.send("POST", "/vouchers", order | {"programme_id": str(neighbour.programme_id)})
    missing = await desk.send("POST", "/vouchers", order | {"programme_id": str(uuid4())})
    assert other.status_code == 404
    assert answer_of(other) == answer_of(missing)


async def test_choosing_what_was_taken_down_is_a_refusal_that_says_so(
    market, machine, fresh_database
) -> None:
    async with fresh_database.sessions.begin() as db:
        owner = market.actors[Role.PROVIDER_OWNER]
        await catalogue.take_down_offering(db, market.offering_id, by=owner, at=clock())
    holder = await machine(market.actors[Role.JOBSEEKER])
    choice = {"offering_id": str(market.offering_id), "coach_id": str(market.coach_id)}
    answer = await holder.send("POST", f"/vouchers/{market.voucher_id}/choice", choice)
    assert is_problem(answer, 409, "not-choosable")
    assert "no longer on offer" in answer.json()["detail"]


async def test_a_last_day_beyond_reason_is_refused_at_its_field(market, machine) -> None:
    desk, today = await machine(market.actors[Role.CASE_WORKER]), local_day(clock())
    order = {"programme_id": str(market.programme_id), "name": "Veera Laine", "email": "veera@example.fi"}
    for day in (today + timedelta(days=1101), date.max, today - timedelta(days=1)):
        answer = await desk.send("POST", "/vouchers", order | {"expires_on": str(day)})
        assert is_problem(answer, 422, "invalid"), day
        assert answer.json()["errors"].keys() == {"expires_on"}
    kept = await desk.send("POST", "/vouchers", order | {"expires_on": str(today + timedelta(days=1100))})
    assert kept.status_code == 201


async def test_another_providers_redemption_id_cannot_be_taken_or_read(
    market, neighbour, machine, fresh_database
) -> None:
    theirs = await a_session_now(fresh_database, neighbour, machine)
    coach = await machine(market.actors[Role.COACH])
    answer = await coach.send("PUT", f"/redemptions/{theirs}", session(market))
    assert is_problem(answer, 422, "other-figures")
    assert str(neighbour.voucher_id) not in answer.text
    seen = await coach.send("PUT", f"/redemptions/{theirs}", session(neighbour))
    assert seen.status_code in (409, 422)
    assert str(neighbour.voucher_id) not in seen.text


async def test_the_catalogue_and_the_register_are_open_to_everybody(client, market) -> None:
    offerings = (await client.get(f"{API}/offerings", params={"area": "0011", "language": "fi"})).json()
    assert [one["offering_id"] for one in offerings["items"]] == [str(market.offering_id)]
    assert offerings["items"][0]["price_cents"] == market.price_cents
    assert offerings["items"][0]["experience"] is None, "too early to say"
    none = (await client.get(f"{API}/offerings", params={"language": "so"})).json()
    assert (none["items"], none["total"]) == ([], 0)
    register = (await client.get(f"{API}/providers")).json()
    assert [one["id"] for one in register["items"]] == [str(market.provider_id)]
    one = await client.get(f"{API}/providers/{market.provider_id}")
    assert one.json()["approvals"][0]["status"] == "in_force"
    assert "iban" not in one.text.lower()
    assert is_problem(await client.get(f"{API}/providers/{uuid4()}"), 404, "not-found")
    assert is_problem(await client.get(f"{API}/offerings", params={"way": "by-pigeon"}), 422, "invalid")


async def test_each_side_sees_its_own_statements(app, client, fresh_database, machine) -> None:
    month = month_of(month_of(local_day(clock())) - timedelta(days=1))
    then, key = noon(month), app.state.code_key
    market = await a_market(fresh_database, at=then, key=key)
    other = await a_market(fresh_database, at=then, key=key, area=("0022", "Varsinais-Suomi"))
    for one in (market, other):
        await a_session(fresh_database.sessions, one, at=then, confirmed=True, key=key)
        async with fresh_database.sessions.begin() as db:
            finance = one.actors[Role.FINANCE]
            await settlement.close_period(db, ClosePeriod(month=month), by=finance, at=clock())
    for role in (Role.FINANCE, Role.APPROVER, Role.PROVIDER_OWNER):
        answer = await (await machine(market.actors[role])).send("GET", "/statements")
        (item,) = answer.json()["items"]
        assert (item["procurer_id"], item["provider_id"]) == (
            str(market.procurer_id),
            str(market.provider_id),
        )
        assert (item["month"], item["status"], item["total_cents"]) == (
            str(month),
            "draft",
            market.price_cents,
        )


async def test_the_documentation_lists_every_operation(client) -> None:
    told = (await client.get(f"{API}/openapi.json")).json()
    listed = {
        f"{method.upper()} {path.removeprefix(API)}"
        for path, methods in told["paths"].items()
        for method in methods
    }
    assert listed == {
        "GET /offerings",
        "GET /providers",
        "GET /providers/{provider_id}",
        "POST /vouchers",
        "POST /vouchers/{voucher_id}/choice",
        "PUT /redemptions/{redemption_id}",
        "POST /redemptions/{redemption_id}/confirmation",
        "POST /redemptions/{redemption_id}/dispute",
        "POST /redemptions/{redemption_id}/reversal",
        "GET /statements",
    }
    assert told["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


async def test_the_documentation_tells_how_each_operation_refuses(client) -> None:
    told = (await client.get(f"{API}/openapi.json")).json()
    refusals: dict[str, set[str]] = {}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            bad = {status: said for status, said in operation["responses"].items() if status >= "400"}
            kinds = {kind for said in bad.values() for kind in said["content"]}
            assert kinds == {"application/problem+json"}, (method, path)
            refusals[f"{method.upper()} {path.removeprefix(API)}"] = set(bad)
    assert refusals["GET /offerings"] == {"400", "422"}
    assert refusals["GET /statements"] == {"400", "401", "403", "422"}
    assert refusals["POST /vouchers"] == {"400", "401", "403", "404", "409", "422"}
    replay = told["paths"][f"{API}/redemptions/{{redemption_id}}"]["put"]["responses"]
    assert replay["200"]["content"] == replay["201"]["content"]


async def test_where_nothing_can_be_said_a_body_is_refused(market, machine) -> None:
    coach, holder = await machine(market.actors[Role.COACH]), await machine(market.actors[Role.JOBSEEKER])
    place = f"/redemptions/{uuid4()}"
    assert (await coach.send("PUT", place, session(market))).status_code == 201
    for body, field in (({"minutes": 5}, "minutes"), ([1], "body"), ("yes", "body")):
        refused = await holder.send("POST", f"{place}/confirmation", body)
        assert is_problem(refused, 422, "invalid")
        assert list(refused.json()["errors"]) == [field]
    assert (await holder.send("POST", f"{place}/confirmation", {})).json()["status"] == "confirmed"


def signed(
    body: bytes, *, event_id: str = "evt_1", at: int, secret: str = DEMO_WEBHOOK_SECRET
) -> dict[str, str]:
    """The headers of a webhook by Standard Webhooks."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{event_id}.{at}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        "content-type": "application/json",
    }


async def test_a_webhook_is_believed_only_when_signed_and_kept_once(client, fresh_database) -> None:
    body = json.dumps({"type": "payment.booked", "data": {"idempotency_key": str(uuid4())}}).encode()
    now = int(clock().timestamp())
    good = signed(body, at=now)
    forged = [
        good | {"webhook-signature": "v1,AAAA"},
        signed(body, at=now, secret="whsec_" + base64.b64encode(b"another").decode()),
        signed(body, at=now - 3600),
        good | {"webhook-id": "evt_2"},
        {"content-type": "application/json"},
    ]
    for headers in forged:
        answer = await client.post("/webhooks/payments", content=body, headers=headers)
        assert is_problem(answer, 401, "not-the-gateway")
    changed = await client.post("/webhooks/payments", content=body + b" ", headers=good)
    assert changed.status_code == 401
    answers = [await client.post("/webhooks/payments", content=body, headers=good) for _ in range(3)]
    assert [answer.json() for answer in answers] == [{"new": True}, {"new": False}, {"new": False}]
    async with fresh_database.sessions() as db:
        connection = await db.connection()
        kept = (await connection.exec_driver_sql("select id from gateway_event")).scalars().all()
    assert kept == ["evt_1"]


async def test_strange_input_is_refused_or_cleaned_and_never_a_fault(market, machine) -> None:
    coach, finance = await machine(market.actors[Role.COACH]), await machine(market.actors[Role.FINANCE])
    noted = await coach.send("PUT", f"/redemptions/{uuid4()}", session(market, note="A\0B"))
    assert noted.status_code == 201
    assert (await coach.send("GET", "/offerings?q=%00")).status_code == 200
    assert (
        await coach.send("PUT", f"/redemptions/{uuid4()}", session(market, units=True))
    ).status_code == 422
    assert (await finance.send("GET", "/statements?after=99999999999999999999")).status_code == 422
    assert (await finance.send("GET", "/statements?after=2147483647")).status_code == 200


async def test_a_known_id_with_another_code_is_other_figures_whatever_was_typed(market, machine) -> None:
    coach, path = await machine(market.actors[Role.COACH]), f"/redemptions/{uuid4()}"
    assert (await coach.send("PUT", path, session(market))).status_code == 201
    for typed in ("not a code", "0000-0000-0000-00"):
        again = await coach.send("PUT", path, session(market, voucher_code=typed))
        assert is_problem(again, 422, "other-figures")
