"""Reports in confidence from two sides: whoever tells, and whoever is named to handle them."""

from setori.web.concerns import handling, telling

routes = [*telling.routes, *handling.routes]
