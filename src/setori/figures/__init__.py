"""Figures (tunnusluvut): what came of clients, counted at night from what was verified, and what of it is public."""

from setori.figures.commands import TakeInOutcome
from setori.figures.models import FigureMonth, OutcomeFigure, PublishedFigure, RegisterFigure, RegisterOutcome
from setori.figures.operations import count_outcomes, count_register, publish_month, take_in_outcome
from setori.figures.queries import list_months, list_services_due

__all__ = [
    "FigureMonth",
    "OutcomeFigure",
    "PublishedFigure",
    "RegisterFigure",
    "RegisterOutcome",
    "TakeInOutcome",
    "count_outcomes",
    "count_register",
    "list_months",
    "list_services_due",
    "publish_month",
    "take_in_outcome",
]
