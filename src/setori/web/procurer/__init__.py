"""The procurer face: its pages."""

from typing import Any

routes: list[Any] = []
