"""Vouchers and redemptions: issue, choose, record a session, confirm it, take it back."""

from typing import Annotated, Any

from litestar import Request, Response, post, put
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from setori import showings, vouchers
from setori.api.given import By, CodeKey, Db, Hot, Id, Json, Now, refuse_a_body
from setori.api.problems import problems
from setori.api.views import Chosen, IssuedVoucher, Redeemed
from setori.errors import Conflict
from setori.people import Role
from setori.readmodels import batches
from setori.vouchers import ChooseOffering, DisputeSession, GiveReason, IssueVoucher, Receipt, RedeemVoucher


class HasOneAlready(Conflict):
    """The person has a voucher of this programme that can still be used."""

    sentence = (
        "This person already has a voucher of this programme. "
        "Add ?again=true to the address if a second one is meant."
    )


Again = Annotated[bool, QueryParameter(description="Give a second voucher of the same programme too.")]


@post(
    "/vouchers",
    summary="Issue a voucher (case worker)",
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def issue(
    db: Db, code_key: CodeKey, now: Now, by: By, data: Annotated[IssueVoucher, Json], again: Again = False
) -> IssuedVoucher:
    """Give a person a voucher from a programme; the letter with the claim link goes out.

    Whoever has one of this programme that can still be used gets a second one only with `again=true`, so that a call
    that is tried anew after a lost answer gives nothing twice.
    """
    if by.role is Role.CASE_WORKER and by.organisation_id is not None and not again:
        known = await batches.find_live_voucher(
            db, by.organisation_id, data.programme_id, email=data.email, phone=data.phone, name=data.name
        )
        if known is not None:
            raise HasOneAlready
    issued = await vouchers.issue(db, data, key=code_key, by=by, at=now)
    return IssuedVoucher(
        id=issued.voucher_id,
        person_id=issued.person_id,
        code=vouchers.shown(issued.code),
        claim_path=f"/claim/{issued.claim_token}",
        units=issued.units,
        value_cents=issued.value_cents,
        expires_on=issued.expires_on,
    )


@post(
    "/vouchers/{voucher_id:uuid}/choice",
    summary="Choose a coach (jobseeker)",
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def choose(db: Db, now: Now, by: By, voucher_id: Id, data: Annotated[ChooseOffering, Json]) -> Chosen:
    """Choose an offering and a coach for one's own voucher, or change one's mind."""
    choice_id = await vouchers.choose(db, voucher_id, data, by=by, at=now)
    await showings.note_choice(db, voucher_id, by=by, at=now)
    return Chosen(choice_id, voucher_id, data.offering_id, data.coach_id)


@put(
    "/redemptions/{redemption_id:uuid}",
    summary="Record a session (provider)",
    status_code=HTTP_201_CREATED,
    description="The id is yours to make, once for each session. The same id with the same figures answers the "
    "original receipt, as it was told then, with 200 and `Idempotency-Replayed: true`; with other figures, or when the "
    "id is taken by something else, 422; a refusal is a 409 problem.",
    responses={
        HTTP_200_OK: ResponseSpec(Redeemed, description="The original receipt.", generate_examples=False),
        **problems(400, 401, 403, 409, 422),
    },
)
async def redeem(
    wire: Hot,
    code_key: CodeKey,
    now: Now,
    by: By,
    redemption_id: Id,
    data: Annotated[RedeemVoucher, Json],
) -> Response[Redeemed]:
    """Record a session that was held; its price is held on the voucher until the jobseeker confirms."""
    receipt = await vouchers.redeem(wire, redemption_id, data, key=code_key, by=by, at=now)
    if receipt.is_replay:
        return Response(_view(receipt), status_code=HTTP_200_OK, headers={"Idempotency-Replayed": "true"})
    return Response(_view(receipt), status_code=HTTP_201_CREATED)


@post(
    "/redemptions/{redemption_id:uuid}/confirmation",
    summary="Confirm a session (jobseeker)",
    status_code=HTTP_200_OK,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def confirm(
    request: Request[Any, Any, State], wire: Hot, now: Now, by: By, redemption_id: Id
) -> Redeemed:
    """The session was held: its price is now owed to the provider. There is nothing to send along."""
    await refuse_a_body(request)
    return _view(await vouchers.confirm(wire, redemption_id, by=by, at=now))


@post(
    "/redemptions/{redemption_id:uuid}/dispute",
    summary="Say that a session is not right (jobseeker)",
    status_code=HTTP_200_OK,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def dispute(
    wire: Hot, now: Now, by: By, redemption_id: Id, data: Annotated[DisputeSession, Json]
) -> Redeemed:
    """The session is not right: its money stays held until it is settled between the two or decided."""
    return _view(await vouchers.dispute(wire, redemption_id, data, by=by, at=now))


@post(
    "/redemptions/{redemption_id:uuid}/reversal",
    summary="Take a session back (provider)",
    status_code=HTTP_200_OK,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def reverse(
    wire: Hot, now: Now, by: By, redemption_id: Id, data: Annotated[GiveReason, Json]
) -> Redeemed:
    """The provider takes a session back, until it stands in a statement; a coach only own ones."""
    return _view(await vouchers.reverse(wire, redemption_id, data, by=by, at=now))


def _view(receipt: Receipt) -> Redeemed:
    return Redeemed(
        id=receipt.redemption_id,
        voucher_id=receipt.voucher_id,
        status=receipt.status,
        units=receipt.units,
        unit_price_cents=receipt.unit_price_cents,
        amount_cents=receipt.amount_cents,
        service_day=receipt.service_day,
        recorded_at=receipt.recorded_at,
        units_left=receipt.units_left,
    )


routes = [issue, choose, redeem, confirm, dispute, reverse]
