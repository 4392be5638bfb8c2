"""The procurer's face: a desk for registrars, case workers, finance and approvers."""

from setori.web.procurer import (
    applications,
    desk,
    imports,
    programmes,
    providers,
    reconciliation,
    rulebooks,
    settlement,
    statements,
    vouchers,
)

routes = [
    *desk.routes,
    *applications.routes,
    *rulebooks.routes,
    *providers.routes,
    *imports.routes,
    *vouchers.routes,
    *programmes.routes,
    *settlement.routes,
    *statements.routes,
    *reconciliation.routes,
]
