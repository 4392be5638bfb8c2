"""Pages: a template, what it shows, and what every page has: who looks, in which language, with which token."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

import segno
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect, Template
from litestar.response.redirect import Redirect as RedirectResponse
from litestar.template import TemplateConfig
from markupsafe import Markup, escape

from setori import texts
from setori.days import day_before, local_day
from setori.db import new_id
from setori.errors import SetoriError
from setori.money import Money
from setori.people import Role
from setori.settings import Settings
from setori.web import i18n, names
from setori.web.assets import BUILD, ROOT, Assets
from setori.web.given import Req
from setori.web.navigation import navigation_of
from setori.web.unsent import Unsent

TEMPLATES = ROOT / "web" / "templates"


_KEPT = {
    Role.JOBSEEKER: ("/wallet", "/offline"),
    Role.COACH: ("/provider/sessions/new", "/offline"),
    Role.PROVIDER_OWNER: ("/provider/sessions/new", "/offline"),
}
"""Which pages a role's own device keeps, to be read where there is no network; worker.js knows the same."""


def page(request: Req, template: str, *, status: int = 200, **shown: Any) -> Template:
    """A page. Templates live under web/templates and mirror this package; `shown` are frozen values, never rows."""
    actor = request.state.actor
    context = {
        "actor": actor,
        "lang": request.state.language,
        "csrf": request.state.csrf,
        "asked_at": request.state.now,
        "kept_pages": " ".join(_KEPT.get(actor.role, ())) if actor else "",
        "path": request.url.path,
        "query": request.url.query,
        "navigation": navigation_of(actor, request.url.path),
        "lang_query": lambda code: urlencode(
            [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
            + [("lang", code)]
        ),
        "is_htmx": request.headers.get("hx-request") == "true",
        **shown,
    }
    return Template(template, context=context, status_code=status, media_type="text/html")


def see(path: str) -> RedirectResponse:
    """Look at the result: 303 to a path of ours."""
    return Redirect(path, status_code=303)


def engine(settings: Settings, assets: Assets) -> TemplateConfig[JinjaTemplateEngine]:
    """The template engine, with everything that templates may call."""
    cache = BUILD / "templates"
    cache.mkdir(parents=True, exist_ok=True)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=FileSystemBytecodeCache(str(cache), "__each_time_%s.cache"),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=True
    )
    environment.globals.update(
        asset=assets.url,
        languages=i18n.NAMES,
        is_demo=settings.demo,
        base_url=settings.base_url,
        qr=qr,
        local_day=local_day,
        day_before=day_before,
        new_id=new_id,
        tones=names.TONES,
    )
    environment.filters.update(
        money=each_time(i18n.money),
        euros=euros,
        day=each_time(i18n.day),
        moment=each_time(i18n.moment),
        month=each_time(i18n.month),
        clock=each_time(i18n.clock),
        clock_of_minute=each_time(i18n.clock_of_minute),
        weekday=each_time(i18n.weekday),
        weekday_name=each_time(i18n.weekday_name),
        decimal=each_time(i18n.decimal),
        percent=each_time(i18n.percent),
        in_order=in_order,
        pick=each_time(pick_marked),
        plain=plain,
        plain_title=lambda said: escape(plain(Markup(said))),
        name=each_time(names.name),
        initials=initials,
        face=face,
        sentence=each_time(i18n.sentence),
    )
    return TemplateConfig(instance=JinjaTemplateEngine(engine_instance=environment))


def each_time(said: Callable[..., str]) -> Callable[..., str]:
    """A filter that runs each time, also on a constant.

    Jinja puts what a filter makes of a constant into the compiled template, and `0 | money` would be said for ever in
    the language of whoever came first. It does not where a filter looks at the context.
    """

    @pass_context
    def in_the_readers_language(context: Context, *given: Any, **named: Any) -> str:
        return said(*given, **named)

    return in_the_readers_language


def pick(words: dict[str, str]) -> str:
    """A text of three languages in the reader's."""
    return texts.pick(words, i18n.language.get())


_AFTER_Z = str.maketrans({"å": "{1", "ä": "{2", "ö": "{3"})


@pass_context
def in_order(_: Context, named: Iterable[Any]) -> list[Any]:
    """Things with names of three languages, or pairs of a code and such a name, in the reader's alphabet."""

    def place(one: Any) -> str:
        return pick(one[1] if isinstance(one, tuple) else one.name).casefold().translate(_AFTER_Z)

    return sorted(named, key=place)


def pick_marked(words: dict[str, str], most: int = 0) -> str:
    """The same for a page: where the words are in another language than the page, they say so (WCAG 3.1.2).

    Where no element can stand, in an attribute, an option or a key, `| pick | plain` leaves the words only. With
    `most`, a longer text ends at a word before that many characters.
    """
    said, language = texts.pick_with_language(words, i18n.language.get())
    if most and len(said) > most:
        said = said[:most].rsplit(" ", 1)[0] + "…"
    if not said or language == i18n.language.get():
        return said
    return Markup('<span lang="{}">{}</span>').format(language, said)


def plain(said: Any) -> str:
    """Words without the elements that `pick` may have put around them."""
    return Markup(said).striptags() if hasattr(said, "__html__") else str(said)


def euros(cents: int | None) -> str:
    """Cents as a person types them into a form: `85,00`; empty for none."""
    return "" if cents is None else str(Money(cents)).removesuffix("\u00a0€")


def initials(name: str) -> str:
    """The first letters of a name, two at most."""
    parts: Sequence[str] = [part for part in plain(name).split() if part]
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper() if parts else "?"


def face(name: str) -> str:
    """One of six colours, always the same for a name."""
    return "abcdef"[sum(plain(name).encode()) % 6]


def qr(content: str) -> Markup:
    """A QR code as an inline picture without inline style; its colours are the stylesheet's."""
    code = segno.make(content, error="m", micro=False)
    picture = code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass="qr-line")
    return Markup(picture)


def refusal_page(request: Req, refusal: SetoriError) -> Template:
    """A refusal as a page of its own, for when there is no form to show it in."""
    template = "errors/not_found.html" if refusal.status == 404 else "errors/refused.html"
    return page(request, template, status=refusal.status, refusal=refusal)


def unsent_page(request: Req, unsent: Unsent, status: int) -> Template:
    """What was typed into a form of a sign-in that has ended, with the way to send it after all."""
    shown = page(request, "errors/unsent.html", status=status, unsent=unsent)
    shown.headers["cache-control"] = "no-store"
    return shown
