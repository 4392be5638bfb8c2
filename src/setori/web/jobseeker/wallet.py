"""The wallet, and the link by which a voucher comes into it."""

import hashlib
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromQuery, PathParameter
from litestar.response import Template

from setori import booking, finding, people, reviews, showings, vouchers
from setori.days import local_day
from setori.finding import Three
from setori.people import Actor, Role
from setori.readmodels import envelopes, guiding, meetings, outcomes, wallet
from setori.readmodels.wallet import WalletVoucher
from setori.showings import Source
from setori.web import kept_list
from setori.web.given import By, CodeKey, Config, Db, Id, Now, Req
from setori.web.guards import only, public
from setori.web.pages import page, see
from setori.web.sign_in import let_in

Token = Annotated[str, PathParameter(max_length=200)]


@get("/wallet", opt=only(Role.JOBSEEKER))
async def show(
    request: Req, db: Db, by: By, now: Now, code_key: CodeKey, said: FromQuery[str] = ""
) -> Template:
    """All one's vouchers, each with its ticket and the next thing to do; `said` is what was just done."""
    held = await wallet.list_vouchers(db, by, on=local_day(now))
    sessions = await wallet.list_sessions(db, by)
    codes = {one.id: vouchers.shown(vouchers.code_of(one.id, code_key)) for one in held if one.is_open}
    return page(
        request,
        "jobseeker/wallet.html",
        held=held,
        said=said,
        sessions=sessions,
        with_outcome=await outcomes.vouchers_with_fees(db, by=by),
        claimed=(await outcomes.list_claims(db, by=by)).items,
        codes=codes,
        instead={one.id: await _instead(db, by, one, now) for one in held if one.has_lost_provider},
        waiting=[one for one in sessions if one.status == "held"],
        meetings=await meetings.list_ahead(db, by, at=now),
        bookable=await booking.has_hours(
            db, [one.coach_id for one in held if one.is_open and one.coach_id], on=local_day(now)
        ),
        asked=await reviews.list_waiting(db, by=by, at=now),
        found=await finding.show_kept(db, by.person_id, at=now)
        if any(one.can_choose for one in held)
        else [],
        listed=await finding.list_shortlist(db, by.person_id),
        beside=await guiding.list_open(db, by),
        budgets=await envelopes.list_own(db, by),
        suggested=await guiding.list_suggestions(db, by, on=local_day(now)),
        has_email=bool((await people.find_person(db, by.person_id)).email),
    )


@get("/wallet/{voucher_id:uuid}/presence", opt=only(Role.JOBSEEKER))
async def presence(request: Req, db: Db, by: By, now: Now, code_key: CodeKey, voucher_id: Id) -> Template:
    """A code that confirms the session that the coach records with it: good for minutes, and for one session."""
    voucher = await wallet.find_voucher(db, by, voucher_id, on=local_day(now))
    until = now + vouchers.PRESENCE_LIVES
    told = vouchers.presence_of(voucher_id, await wallet.count_sessions(db, by, voucher_id), until, code_key)
    return page(
        request,
        "jobseeker/presence.html",
        voucher=voucher,
        code=vouchers.shown(vouchers.code_of(voucher_id, code_key)),
        here=told,
        minutes=int(vouchers.PRESENCE_LIVES.total_seconds()) // 60,
    )


async def _instead(db: Db, by: By, voucher: WalletVoucher, now: Now) -> Three:
    """Three others whom the voucher pays for: by the answers that were given before, or like the one who was lost."""
    kept = await finding.find_kept(db, by.person_id)
    wishes = finding.Wishes.model_validate(kept.wishes) if kept else finding.Wishes(language=by.language)
    fixed = {"service": voucher.service_id, "area": voucher.area_code}
    three = await finding.find(
        db,
        wishes.model_copy(update=fixed),
        seed=str(by.person_id),
        at=now,
        most_cents=voucher.price_cap_cents,
        without_provider=voucher.provider_id,
    )
    await showings.note(
        db,
        [(card.offering_id, card.coach_id) for card, _ in three.picks],
        by=by,
        seed=str(by.person_id),
        day=local_day(now),
        source=Source.INSTEAD,
        ordered_by="guided",
        at=now,
    )
    return three


@get("/claim/{token:str}", opt=public())
async def look(request: Req, db: Db, token: Token) -> Template:
    """What the letter's link opens, and a button. Looking takes nothing into use."""
    found = await wallet.find_claimable(db, hashlib.sha256(token.encode()).digest())
    return page(request, "jobseeker/claim.html", voucher=found, token=token)


@post("/claim/{token:str}", opt=public())
async def claim(request: Req, db: Db, now: Now, settings: Config, token: Token) -> Response[Any]:
    """Take the voucher into use, and come in when one has never been in before.

    Whoever issued the letter knows its link, and can write anybody's address on it: who is known here already comes in
    by an own link, and the letter opens nothing but its voucher.
    """
    person_id = await vouchers.find_claimant(db, token)
    mine = await people.list_memberships(db, person_id)
    membership = next(one for one in mine if one.role is Role.JOBSEEKER)
    actor: Actor | None = request.state.actor
    if actor is not None and actor.person_id == person_id:
        await vouchers.claim(db, token, at=now)
        return see("/wallet" if actor.role is Role.JOBSEEKER else "/roles")
    email = (await people.find_person(db, person_id)).email
    if await people.is_known(db, person_id) or await vouchers.holds_of_others(db, token):
        if email:
            await people.request_sign_in(
                db, email, at=now, next_path=f"/claim/{token}", membership_id=membership.id
            )
        return page(request, "jobseeker/claim_sent.html", has_email=bool(email))
    await vouchers.claim(db, token, at=now)
    onward = "/wallet" if email else "/wallet/address"
    link = await people.mint_link(db, person_id, membership.id, at=now, next_path="/wallet")
    secret, entered = await people.sign_in(db, link, at=now, demo=settings.demo)
    if request.state.secret:
        await people.sign_out(db, request.state.secret, at=now)
    answer = let_in(request, secret, onward)
    await kept_list.move(request, db, answer, entered, now)
    return answer


routes = [show, presence, look, claim]
