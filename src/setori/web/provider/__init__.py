"""The provider's face: a desk for the owner of a firm and its coaches, who mostly hold a phone."""

from setori.web.provider import (
    appeals,
    applications,
    calendars,
    clients,
    coaches,
    consortia,
    desk,
    documents,
    offerings,
    outcomes,
    profile,
    reviews,
    rulebooks,
    sessions,
    standing,
    statements,
)

routes = [
    *desk.routes,
    *calendars.routes,
    *clients.routes,
    *sessions.routes,
    *outcomes.routes,
    *statements.routes,
    *offerings.routes,
    *coaches.routes,
    *reviews.routes,
    *profile.routes,
    *rulebooks.routes,
    *applications.routes,
    *documents.routes,
    *appeals.routes,
    *standing.routes,
    *consortia.routes,
]
