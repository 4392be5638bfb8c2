"""Second thoughts: what one has said is mended or withdrawn while the dialogue is open, by sign-in or by the link."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Template

from setori import dialogue
from setori.days import local_day
from setori.db import Database
from setori.dialogue import MendRemark, OwnRemark
from setori.errors import Conflict
from setori.people import PROVIDER_ROLES
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only, public
from setori.web.pages import page, see

Token = Annotated[str, QueryParameter(name="token", max_length=200)]
LINK = "/dialogue/confirmation"
"""Where the link of the mail leads; here too once it has been opened."""


@get("/provider/remarks/{remark_id:uuid}", opt=only(*PROVIDER_ROLES))
async def show(request: Req, db: Db, now: Now, by: By, remark_id: Id) -> Template:
    """What one wrote, to be said in other words."""
    said = await dialogue.find_own_remark(db, remark_id, by=by, on=local_day(now))
    return mend_page(request, said, Form())


@post("/provider/remarks/{remark_id:uuid}", opt=only(*PROVIDER_ROLES))
async def mend(request: Req, db: Db, now: Now, by: By, remark_id: Id, typed: Filled) -> Response[Any]:
    """Say it in other words."""
    said = await dialogue.find_own_remark(db, remark_id, by=by, on=local_day(now))
    form = forms.parse(MendRemark, typed)
    if form.value is None:
        return mend_page(request, said, form, status=422)
    try:
        talk = await dialogue.mend_remark(db, remark_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        said = await dialogue.find_own_remark(db, remark_id, by=by, on=local_day(now))
        return mend_page(request, said, form, refusal=refusal)
    return see(f"/dialogue/{talk}?said=mended#said")


@get("/provider/remarks/{remark_id:uuid}/withdrawal", opt=only(*PROVIDER_ROLES))
async def before_withdrawing(request: Req, db: Db, now: Now, by: By, remark_id: Id) -> Template:
    """What withdrawing does, before it is done."""
    said = await dialogue.find_own_remark(db, remark_id, by=by, on=local_day(now))
    return withdraw_page(request, said)


@post("/provider/remarks/{remark_id:uuid}/withdrawal", opt=only(*PROVIDER_ROLES))
async def withdraw(db: Db, now: Now, by: By, remark_id: Id) -> Response[Any]:
    """Take it back."""
    talk = await dialogue.withdraw_remark(db, remark_id, by=by, at=now)
    return see(f"/dialogue/{talk}?said=withdrawn#said")


@post("/dialogue/confirmation/mending", opt=public())
async def mend_by_link(request: Req, db: Db, now: Now, typed: Filled) -> Response[Any]:
    """The same for whoever has the link of the mail."""
    token = token_in(typed)
    said = await dialogue.find_linked_remark(db, token, on=local_day(now))
    form = forms.parse(MendRemark, typed)
    if form.value is None:
        return mend_page(request, said, form, token=token, status=422)
    try:
        talk = await dialogue.mend_linked_remark(db, token, form.value, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _linked_again(request, db, now, token, form, refusal)
    return see(f"/dialogue/{talk}?said=mended#said")


@get("/dialogue/confirmation/withdrawal", opt=public())
async def before_withdrawing_by_link(request: Req, db: Db, now: Now, token: Token = "") -> Template:
    """What withdrawing does. Looking changes nothing, so that mail scanners do no harm."""
    said = await dialogue.find_linked_remark(db, token, on=local_day(now))
    return withdraw_page(request, said, token=token)


@post("/dialogue/confirmation/withdrawal", opt=public())
async def withdraw_by_link(db: Db, now: Now, typed: Filled) -> Response[Any]:
    """Take it back."""
    talk = await dialogue.withdraw_linked_remark(db, token_in(typed), at=now)
    return see(f"/dialogue/{talk}?said=withdrawn#said")


def token_in(typed: forms.Typed) -> str:
    """The secret of the link, as a form carries it."""
    return (typed.get("token") or [""])[-1]


def mend_page(
    request: Req,
    said: OwnRemark,
    form: Form[MendRemark],
    *,
    token: str = "",
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page of what one wrote: to read, and while the dialogue is open to change."""
    return page(
        request,
        "dialogue/mend.html",
        status=refusal.status if refusal else status,
        said=said,
        form=form,
        refusal=refusal,
        token=token,
        action=f"{LINK}/mending" if token else f"/provider/remarks/{said.id}",
        withdrawal=f"{LINK}/withdrawal?token={token}" if token else f"/provider/remarks/{said.id}/withdrawal",
    )


def withdraw_page(request: Req, said: OwnRemark, *, token: str = "") -> Template:
    """The page before withdrawing."""
    return page(
        request,
        "dialogue/withdraw.html",
        said=said,
        token=token,
        action=f"{LINK}/withdrawal" if token else f"/provider/remarks/{said.id}/withdrawal",
        back=f"{LINK}?token={token}" if token else f"/provider/remarks/{said.id}",
    )


async def _linked_again(
    request: Req, db: Database, now: Any, token: str, form: Form[MendRemark], refusal: Conflict
) -> Template:
    said = await dialogue.find_linked_remark(db, token, on=local_day(now))
    return mend_page(request, said, form, token=token, refusal=refusal)


routes = [
    show,
    mend,
    before_withdrawing,
    withdraw,
    mend_by_link,
    before_withdrawing_by_link,
    withdraw_by_link,
]
