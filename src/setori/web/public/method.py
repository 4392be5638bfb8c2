"""How figures are counted, told with the very numbers that the rules use, and the files of each month."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Template

from setori import figures, watch
from setori.errors import NotFound
from setori.quality import constants
from setori.readmodels.figures import PublishedRow, list_published
from setori.web import watching
from setori.web.given import Db, Req
from setori.web.guards import public
from setori.web.i18n import N_
from setori.web.pages import page
from setori.web.public.feeds import data
from setori.web.spreadsheets import harmless

SIMULATION = Path(__file__).resolve().parents[4] / "seed" / "method" / "order.json"
"""What `bench/order.py --write` found."""

NUMBERS = {
    "CONFIDENCE": N_("What an interval promises: the truth lies inside in so many cases"),
    "SCALE": N_("The scale of answers"),
    "MIDDLE_OF_SCALE": N_("Expected where nobody has answered yet, in points"),
    "HALF_LIFE_DAYS": N_("Days after which an answer weighs half"),
    "ENOUGH_RESPONDENTS": N_("People from whom on experience is shown as a figure"),
    "FEW_ANSWERED": N_("Share of those asked below which it is said that few answered"),
    "VARIANCE_UNKNOWN": N_("How far answers differ (variance) until it can be estimated"),
    "VARIANCE_BOUNDS": N_("Between what an estimated variance is kept"),
    "K_UNKNOWN": N_("The pull to what is usual (k) until it can be estimated"),
    "K_BOUNDS": N_("Between what an estimated k is kept"),
    "PROVIDERS_TO_ESTIMATE": N_("Providers that are needed to estimate k"),
    "EACH_TO_ESTIMATE": N_("Respondents or finished clients that each of them needs"),
    "ENOUGH_FINISHED": N_("Finished clients from whom on an outcome is shown as a figure"),
    "STRATUM_AT_LEAST": N_("Clients below which a stratum is pooled with others of its need"),
    "UNEMPLOYED_MONTHS": N_("Months without work at which the bands of a stratum part"),
    "AGES": N_("Birthdays at which the bands of age part"),
    "LASTING_MONTHS": N_("Months after which an outcome is looked at"),
    "LEAST_SHOWN": N_("The smallest number of people that is published"),
}
"""The constants of the method in words; a test holds that none is missing."""

ORDERS = {
    "posterior sampling (Setori)": N_("Taking turns by sampling (Setori)"),
    "highest mean first": N_("Highest mean first"),
    "Wilson lower bound": N_("Lower bound of Wilson's interval"),
    "random": N_("By lot"),
}

COLUMNS = (
    *("month", "provider_id", "provider_name", "business_id", "service_code"),
    *(
        "experience_counted_on",
        "respondents",
        "experience",
        "experience_low",
        "experience_high",
        "response_rate",
    ),
    *("outcome_counted_on", "finished", "reached", "usual_rate", "outcome_3_months", "low_3", "high_3"),
    *("outcome_6_months", "low_6", "high_6", "outcome_12_months", "low_12", "high_12"),
)
"""Of outcomes after six and twelve months only the rates are told: their counts are parts of those after three."""


@get("/method", opt=public())
async def method(request: Req) -> Template:
    """The formulas, each number in them, a simulation of the order, and what is never done."""
    simulation = json.loads(SIMULATION.read_text("utf-8"))
    return page(
        request,
        "public/method.html",
        c=constants,
        numbers=[(words, _written(getattr(constants, name))) for name, words in NUMBERS.items()],
        simulation=simulation,
        made_on=date.fromisoformat(simulation["made_on"]),
        orders=ORDERS,
        watched=[(watching.TITLES[kind], watching.REASONS[kind]) for kind in watching.TITLES],
        limits=watching.method_numbers(),
        traces_days=watch.rules.TRACES_KEPT.days,
    )


def _written(value: Any) -> list[float]:
    """A constant as the numbers in it."""
    return list(value) if isinstance(value, tuple) else [value]


@get("/open/figures", opt=public())
async def index(request: Req, db: Db) -> Template:
    """The files of figures, month by month."""
    return page(request, "public/figures.html", months=await figures.list_months(db), columns=COLUMNS)


@get("/open/figures/{name:str}", opt=public())
async def month_file(request: Req, db: Db, name: FromPath[str]) -> Response[Any]:
    """What was published of a month, as CSV: `2026-10.csv`. It never changes."""
    try:
        month = date.fromisoformat(f"{name.removesuffix('.csv')}-01")
    except ValueError:
        raise NotFound from None
    rows = await list_published(db, month) if name == f"{month:%Y-%m}.csv" else None
    if rows is None:
        raise NotFound
    answer = data(request, _as_csv(month, rows).encode(), "text/csv")
    answer.headers["content-disposition"] = f'attachment; filename="figures-{name}"'
    return answer


def _as_csv(month: date, rows: list[PublishedRow]) -> str:
    """A provider in a service a row; an empty field is too little to tell, or could tell of single people."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = [f"{month:%Y-%m}", row.provider_id, row.provider_name, row.business_id, row.service_code]
        said = row.experience or {}
        cells += [said.get(name) for name in ("counted_on", "respondents", "shrunk", "low", "high")]
        cells.append(None if row.response is None else round(row.response, 2))
        for months in constants.LASTING_MONTHS:
            told = row.told.get(months)
            if months == constants.LASTING_MONTHS[0]:
                whole = (told.counted_on, told.finished, told.observed, told.overall) if told else (None,) * 4
                cells += whole
            cells += (told.rate, told.low, told.high) if told else (None,) * 3
        writer.writerow(["" if cell is None else harmless(str(cell)) for cell in cells])
    return file.getvalue()


routes = [method, index, month_file]
