"""Guiding from three sides: the client's yes and its end, the case worker's proposal, the service manager's desk."""

from setori.web.guiding import client, finding, managing, proposing, timing

routes = [*client.routes, *proposing.routes, *managing.routes, *timing.routes, *finding.routes]
