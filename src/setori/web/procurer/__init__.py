"""The procurer's face: a desk for registrars, case workers, finance and approvers."""

from setori.web.procurer import (
    appeals,
    applications,
    assessing,
    consortia,
    desk,
    dialogues,
    imports,
    notices,
    programmes,
    providers,
    reconciliation,
    rulebooks,
    settlement,
    standing,
    statements,
    vouchers,
)

routes = [
    *desk.routes,
    *applications.routes,
    *assessing.routes,
    *appeals.routes,
    *rulebooks.routes,
    *dialogues.routes,
    *providers.routes,
    *standing.routes,
    *consortia.routes,
    *imports.routes,
    *notices.routes,
    *vouchers.routes,
    *programmes.routes,
    *settlement.routes,
    *statements.routes,
    *reconciliation.routes,
]
