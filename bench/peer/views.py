"""The page: filters with counts that leave themselves out, 24 cards, everything asked of the database.

It is spared a good deal: what can be chosen today stands ready in one flat table with an index on each filter
(bench/market.py), and firms take turns by a plain hash instead of drawing from what was said of them.
"""

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, F, Func, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from bench.peer.models import Area, Card, Service

CARDS = 24
LISTS = {"area": "areas", "language": "languages", "way": "ways"}


def coaches(request: HttpRequest) -> HttpResponse:
    """Search, filters with counts, and cards."""
    filters = ("q", "area", "language", "way", "service")
    asked = {name: value for name in filters if (value := request.GET.get(name))}
    cards = _fitting(asked)
    shown = cards.select_related("offering", "provider__profile", "coach").order_by("turn", "id")[:CARDS]
    counts = {name: _counted(_fitting(asked, name), column) for name, column in LISTS.items()}
    services = _fitting(asked, "service").values_list("service_id").annotate(number=Count("id"))
    return render(
        request,
        "coaches.html",
        {
            "asked": asked,
            "cards": list(shown),
            "total": cards.count(),
            "counts": counts,
            "services": dict(services),
            "area_names": {area.code: area.name for area in Area.objects.all()},
            "service_names": {service.id: service.name for service in Service.objects.all()},
        },
    )


def _fitting(asked: dict[str, str], left_out: str = "") -> QuerySet[Card]:
    """The cards that fit every filter but one."""
    cards = Card.objects.all()
    for name, value in asked.items():
        if name == left_out:
            continue
        if name in LISTS:
            cards = cards.filter(**{f"{LISTS[name]}__contains": [value]})
        elif name == "service":
            cards = cards.filter(service_id=value)
        else:
            cards = cards.filter(words=SearchQuery(value, config="setori_fi"))
    return cards


def _counted(cards: QuerySet[Card], column: str) -> dict[str, int]:
    """Counts by each value of a list."""
    each = cards.annotate(value=Func(F(column), function="unnest")).values("value")
    return {row["value"]: row["number"] for row in each.annotate(number=Count("id"))}


urlpatterns = [path("coaches", coaches)]
