"""Coming in: firms that register, colleagues whom an owner invites, and firms that a procurer asks to come."""

from setori.web.joining import colleagues, firms, registering

routes = [*registering.routes, *colleagues.routes, *firms.routes]
