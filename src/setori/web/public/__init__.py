"""What anybody may see: the catalogue of coaches, the register of providers, and how it all works."""

from setori.web.public import (
    about,
    catalogue,
    feeds,
    finding,
    method,
    registry,
    rulebooks,
    searching,
    shortlist,
    turns,
)

routes = [
    *searching.routes,
    *finding.routes,
    *shortlist.routes,
    *catalogue.routes,
    *registry.routes,
    *rulebooks.routes,
    *feeds.routes,
    *about.routes,
    *turns.routes,
    *method.routes,
]
