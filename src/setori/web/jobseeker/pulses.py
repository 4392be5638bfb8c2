"""How is it with your coach? Asked at the right time; answered from the wallet, or from the letter with one tap."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery, PathParameter
from litestar.response import Template

from setori import reviews, watch
from setori.errors import Conflict, Invalid
from setori.people import Actor, Role
from setori.reviews import AnswerPulse, Item
from setori.web import forms
from setori.web.given import By, CodeKey, Db, Filled, Id, Now, Req, visitor_of
from setori.web.guards import only, public
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see

Code = Annotated[str, PathParameter(max_length=200)]

STATEMENTS: dict[Item, str] = {
    Item.RESPECT: N_("I was met with respect"),
    Item.PLAN: N_("I understood what we were going to do and why"),
    Item.JOB_MARKET: N_("The coach knew the jobs and the employers"),
    Item.INFLUENCE: N_("I could influence what we did"),
    Item.RECOMMEND: N_("I would recommend this coach to a friend"),
}


@get("/pulses/{pulse_id:uuid}", opt=only(Role.JOBSEEKER))
async def show(
    request: Req, db: Db, now: Now, by: By, pulse_id: Id, recommend: FromQuery[str] = ""
) -> Template:
    """The question, signed in."""
    return await _page(request, db, pulse_id, by, now, _begun(recommend))


@post("/pulses/{pulse_id:uuid}", opt=only(Role.JOBSEEKER))
async def answer(
    request: Req, db: Db, now: Now, by: By, code_key: CodeKey, pulse_id: Id, typed: Filled
) -> Response[Any]:
    """Keep what was said, and count it where others choose."""
    return await _answer(request, db, pulse_id, by, now, code_key, typed)


@get("/how-is-it/{code:str}", opt=public())
async def show_by_letter(
    request: Req, db: Db, now: Now, code: Code, recommend: FromQuery[str] = "", said: FromQuery[str] = ""
) -> Template:
    """The question, by the letter's link: nobody needs to sign in for it. Looking answers nothing."""
    return await _page(request, db, code, None, now, _begun(recommend), thanks=said == "thanks")


@post("/how-is-it/{code:str}", opt=public())
async def answer_by_letter(
    request: Req, db: Db, now: Now, code_key: CodeKey, code: Code, typed: Filled
) -> Response[Any]:
    """Keep what was said by the letter's link."""
    return await _answer(request, db, code, None, now, code_key, typed)


def _begun(recommend: str) -> forms.Form[Any]:
    """The form as the letter's tap begins it."""
    return forms.Form({"recommend": [recommend]} if recommend in {"1", "2", "3", "4", "5"} else {})


async def _answer(
    request: Req, db: Db, pulse: UUID | str, by: Actor | None, now: Now, key: bytes, typed: Filled
) -> Response[Any]:
    given = {name: values for name, values in typed.items() if values != [""]}
    form = forms.parse(AnswerPulse, given)
    problem = gettext(N_("Choose from 1 to 5."))
    form = forms.Form(
        typed, form.value, {name: problem if name != "text" else told for name, told in form.errors.items()}
    )
    if form.value is None:
        return await _page(request, db, pulse, by, now, form, status=422)
    try:
        said = await reviews.answer(db, pulse, form.value, by=by, at=now, language=request.state.language)
        browser = "|".join(request.headers.get(name, "") for name in ("user-agent", "accept-language"))
        await watch.trace(db, said, visitor=visitor_of(request), browser=browser, key=key, at=now)
    except Invalid as wrong:
        errors = {name: gettext(told) for name, told in wrong.errors.items()}
        return await _page(request, db, pulse, by, now, forms.Form(typed, None, errors), status=422)
    except Conflict as refusal:
        await db.rollback()
        return await _page(request, db, pulse, by, now, form, status=409, refusal=refusal)
    return see("/wallet?said=thanks" if isinstance(pulse, UUID) else f"/how-is-it/{pulse}?said=thanks")


async def _page(
    request: Req,
    db: Db,
    pulse: UUID | str,
    by: Actor | None,
    now: Now,
    form: forms.Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
    thanks: bool = False,
) -> Template:
    asked = await reviews.find_pulse(db, pulse, by=by, at=now)
    is_signed_in = isinstance(pulse, UUID)
    return page(
        request,
        "jobseeker/pulse.html",
        status=status,
        pulse=asked,
        form=form,
        refusal=refusal,
        thanks=thanks,
        signed_in=is_signed_in,
        action=f"/pulses/{pulse}" if is_signed_in else f"/how-is-it/{pulse}",
        statements=[(item.value, gettext(words)) for item, words in STATEMENTS.items()],
    )


routes = [show, answer, show_by_letter, answer_by_letter]
