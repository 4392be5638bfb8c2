"""The catalogue (luettelo): services, offerings and coaches."""

from setori.catalogue.commands import AddService
from setori.catalogue.models import Coach, Offering, OfferingArea, OfferingCoach, Service
from setori.catalogue.operations import add_service

__all__ = ["AddService", "Coach", "Offering", "OfferingArea", "OfferingCoach", "Service", "add_service"]
