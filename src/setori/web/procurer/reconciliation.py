"""Reconciliation: each month's sessions, ledger, payments and report beside each other, to the cent."""

from litestar import get
from litestar.response import Template

from setori.people import Role
from setori.readmodels import procurer_settlement
from setori.web.given import By, Db, Req
from setori.web.guards import only
from setori.web.i18n import N_
from setori.web.pages import page
from setori.web.procurer.desk import procurer_of

REASONS = (
    N_("in the report but unknown to us"),
    N_("paid twice"),
    N_("the amount differs"),
    N_("the account differs"),
    N_("the order is queued"),
    N_("the order is failed"),
    N_("the order is frozen"),
    N_("The gateway answered about another order."),
    N_("The gateway answered with another amount than was ordered."),
    N_("The account does not take payments"),
)
"""Why a line of the report matches nothing or a payment fails, as it is told us; here so that it is translated."""


@get("/procurer/reconciliation", opt=only(Role.FINANCE, Role.APPROVER))
async def index(request: Req, db: Db, by: By) -> Template:
    """Month by month, in words and in sums; below, what does not match."""
    return page(
        request,
        "procurer/reconciliation/index.html",
        months=await procurer_settlement.list_months(db, procurer_of(by)),
        breaks=await procurer_settlement.list_breaks(db, procurer_of(by)),
    )


routes = [index]
