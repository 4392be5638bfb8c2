"""Django as it is set up for production: no debug, connections kept, templates loaded once."""

import os
from pathlib import Path
from urllib.parse import urlsplit

_URL = urlsplit(os.environ["PEER_DATABASE_URL"])

DEBUG = False
SECRET_KEY = "of no use: the peer has no cookies"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.peer.views"
INSTALLED_APPS = ["bench.peer"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _URL.path.lstrip("/"),
        "USER": _URL.username,
        "PASSWORD": _URL.password or "",
        "HOST": _URL.hostname,
        "PORT": _URL.port,
        "CONN_MAX_AGE": 600,
        "OPTIONS": {"options": "-c jit=off"},
    }
}
TEMPLATES = [
    {"BACKEND": "django.template.backends.jinja2.Jinja2", "DIRS": [Path(__file__).parent / "templates"]}
]
USE_TZ = True
TIME_ZONE = "Europe/Helsinki"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
