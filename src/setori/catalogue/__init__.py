"""The catalogue (luettelo): services, offerings and coaches, how they are found, and by whom they can be chosen."""

from setori.catalogue.commands import (
    AddCoach,
    AddService,
    ImportOffering,
    PublishOffering,
    Search,
)
from setori.catalogue.models import (
    Coach,
    Offering,
    OfferingArea,
    OfferingCoach,
    Service,
)
from setori.catalogue.operations import (
    add_coach,
    add_rating,
    add_service,
    change_offering,
    import_offering,
    publish_offering,
    take_down_offering,
)
from setori.catalogue.queries.imported import list_imported
from setori.catalogue.queries.offerings import (
    find_coach_of,
    find_offering,
    find_terms,
    list_coaches,
    list_offerings,
    list_services,
    names_of_coaches,
)
from setori.catalogue.queries.searching import (
    compare,
    search,
)
from setori.catalogue.queries.views import (
    Card,
    CoachView,
    Facets,
    Found,
    OfferingRow,
    OfferingView,
    Rating,
    ServiceView,
    Terms,
)
from setori.catalogue.rules import (
    COMPARE_AT_MOST,
    ENOUGH_REVIEWS,
    Order,
    Unit,
    Way,
    shown_mean,
)

__all__ = [
    "COMPARE_AT_MOST",
    "ENOUGH_REVIEWS",
    "AddCoach",
    "AddService",
    "Card",
    "Coach",
    "CoachView",
    "Facets",
    "Found",
    "ImportOffering",
    "Offering",
    "OfferingArea",
    "OfferingCoach",
    "OfferingRow",
    "OfferingView",
    "Order",
    "PublishOffering",
    "Rating",
    "Search",
    "Service",
    "ServiceView",
    "Terms",
    "Unit",
    "Way",
    "add_coach",
    "add_rating",
    "add_service",
    "change_offering",
    "compare",
    "find_coach_of",
    "find_offering",
    "find_terms",
    "import_offering",
    "list_coaches",
    "list_imported",
    "list_offerings",
    "list_services",
    "names_of_coaches",
    "publish_offering",
    "search",
    "shown_mean",
    "take_down_offering",
]
