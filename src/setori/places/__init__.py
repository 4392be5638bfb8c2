"""Places (paikat): the employment areas of Finland, their municipalities and postal codes."""

from setori.places.models import Area
from setori.places.operations import (
    load_areas,
    load_municipalities,
    load_postal_codes,
    place_municipalities,
)
from setori.places.queries import (
    AreaView,
    MunicipalityView,
    Spot,
    find_area_of_postal_code,
    find_municipalities,
    find_spot,
    list_all_municipalities,
    list_areas,
    list_municipalities,
)

__all__ = [
    "Area",
    "AreaView",
    "MunicipalityView",
    "Spot",
    "find_area_of_postal_code",
    "find_municipalities",
    "find_spot",
    "list_all_municipalities",
    "list_areas",
    "list_municipalities",
    "load_areas",
    "load_municipalities",
    "load_postal_codes",
    "place_municipalities",
]
