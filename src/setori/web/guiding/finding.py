"""The guided choice walked together: by a service manager with consent, or by the case worker, with the client.

What was found is left in the client's wallet. The client makes the last tap.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import guiding
from setori.days import local_day
from setori.db import Database
from setori.errors import Forbidden, Invalid, NotFound
from setori.finding import Wishes
from setori.guiding import Deed
from setori.people import Actor, Role
from setori.readmodels import guided, procurer_desk, wallet
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page
from setori.web.public.finding import ASKED, Walk, answers, keep_for, questions, typed_of

BESIDE = "/guiding/clients/{consent_id:uuid}/find"
AT_DESK = "/procurer/vouchers/{voucher_id:uuid}/find"


@get(BESIDE, opt=only(Role.SERVICE_MANAGER))
async def ask_beside(
    request: Req, db: Db, now: Now, by: By, consent_id: Id, voucher: FromQuery[UUID]
) -> Template:
    """The five questions, beside a client who allows it."""
    walk = await _beside(db, now, by, consent_id, voucher)
    return await questions(request, db, walk, forms.Form(typed_of(request)))


@get(f"{BESIDE}/three", opt=only(Role.SERVICE_MANAGER))
async def three_beside(
    request: Req, db: Db, now: Now, by: By, consent_id: Id, voucher: FromQuery[UUID]
) -> Template:
    """The three for the client."""
    walk = await _beside(db, now, by, consent_id, voucher)
    return await answers(request, db, now, walk, typed_of(request))


@post(f"{BESIDE}/three", opt=only(Role.SERVICE_MANAGER))
async def keep_beside(request: Req, db: Db, now: Now, by: By, consent_id: Id, typed: Filled) -> Response[Any]:
    """Leave them in the client's wallet; the client reads that it was done."""
    try:
        voucher_id = UUID((typed.get("voucher") or [""])[-1])
    except ValueError:
        raise NotFound from None
    walk = await _beside(db, now, by, consent_id, voucher_id, Deed.SUGGESTED)
    return await _keep(request, db, now, by, walk, typed)


@get(AT_DESK, opt=only(Role.CASE_WORKER))
async def ask_at_desk(request: Req, db: Db, now: Now, by: By, voucher_id: Id) -> Template:
    """The five questions, at the case worker's desk with the client."""
    return await questions(
        request, db, await _at_desk(db, now, by, voucher_id), forms.Form(typed_of(request))
    )


@get(f"{AT_DESK}/three", opt=only(Role.CASE_WORKER))
async def three_at_desk(request: Req, db: Db, now: Now, by: By, voucher_id: Id) -> Template:
    """The three for the client."""
    return await answers(request, db, now, await _at_desk(db, now, by, voucher_id), typed_of(request))


@post(f"{AT_DESK}/three", opt=only(Role.CASE_WORKER))
async def keep_at_desk(
    request: Req, db: Db, now: Now, by: By, voucher_id: Id, typed: Filled
) -> Response[Any]:
    """Leave them in the client's wallet."""
    return await _keep(request, db, now, by, await _at_desk(db, now, by, voucher_id), typed)


async def _keep(
    request: Req, db: Database, now: Now, by: Actor, walk: Walk, typed: forms.Typed
) -> Response[Any]:
    typed = {name: values for name, values in typed.items() if name in ASKED}
    form = forms.parse(Wishes, typed)
    if form.value is None:
        return await questions(request, db, walk, form, status=422)
    try:
        await keep_for(db, walk, form.value, by=by, now=now)
    except Invalid:  # somebody left meanwhile: the page says so
        await db.rollback()
        return await answers(request, db, now, walk, typed)
    return page(request, "guiding/kept.html", walk=walk)


async def _beside(
    db: Database,
    now: Now,
    by: Actor,
    consent_id: UUID,
    voucher_id: UUID,
    what: Deed = Deed.LOOKED_FOR_COACHES,
) -> Walk:
    beside = await guiding.look(db, consent_id, what, by=by, at=now)
    seen = await guided.find_voucher(db, beside, voucher_id, on=local_day(now))
    if not seen.can_choose:
        raise NotFound
    back = f"/guiding/clients/{consent_id}"
    carried = (("voucher", str(voucher_id)),)
    return await _for(db, now, beside.client, voucher_id, f"{back}/find", back, carried)


async def _at_desk(db: Database, now: Now, by: Actor, voucher_id: UUID) -> Walk:
    if by.organisation_id is None:
        raise Forbidden
    seen = await procurer_desk.find_voucher(db, by.organisation_id, voucher_id)
    client = Actor(seen.person_id, Role.JOBSEEKER, None, seen.row.person_name, seen.language)
    back = f"/procurer/vouchers/{voucher_id}"
    return await _for(db, now, client, voucher_id, f"{back}/find", back)


async def _for(
    db: Database,
    now: Now,
    client: Actor,
    voucher_id: UUID,
    path: str,
    back: str,
    carried: tuple[tuple[str, str], ...] = (),
) -> Walk:
    voucher = await wallet.find_voucher(db, client, voucher_id, on=local_day(now))
    if not voucher.can_choose:
        raise NotFound
    seed = str(client.person_id)
    return Walk(path, seed, client.person_id, who=client.name, voucher=voucher, back=back, carried=carried)


routes = [ask_beside, three_beside, keep_beside, ask_at_desk, three_at_desk, keep_at_desk]
