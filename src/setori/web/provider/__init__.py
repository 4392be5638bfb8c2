"""The provider face: its pages."""

from typing import Any

routes: list[Any] = []
