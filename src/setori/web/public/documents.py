"""The register's documents for machines: our own JSON and CSV, HSDS 3.0.1, and JSON-LD in the words of schema.org."""

import csv
import io
from typing import Any
from uuid import UUID, uuid5

from setori import texts
from setori.catalogue import OfferingView
from setori.db import Change
from setori.readmodels.public_register import (
    PublicApproval,
    PublicFirm,
    PublicOffering,
)
from setori.registry import ProviderView
from setori.web.spreadsheets import harmless

Document = dict[str, Any]

COLUMNS = (
    *("provider_id", "name", "business_id", "foreign_register", "foreign_id", "is_sample", "city", "website"),
    *("approval_id", "procurer_id", "procurer_name", "area_code", "service_code", "rulebook_id"),
    *("rulebook_version", "status", "new_clients", "starts_on", "ends_on", "reason"),
    "reason_code",
)


def firm_document(firm: PublicFirm, base_url: str) -> Document:
    """A firm in our own words, texts in each language."""
    return {
        "id": str(firm.id),
        "name": firm.name,
        "business_id": firm.business_id,
        "foreign_register": firm.foreign_register,
        "foreign_id": firm.foreign_id,
        "is_sample": firm.is_sample,
        "city": firm.city,
        "website": firm.website,
        "summary": firm.summary,
        "languages": firm.languages,
        "url": f"{base_url}/providers/{firm.id}",
        "approvals": [approval_document(approval) for approval in firm.approvals],
    }


def approval_document(approval: PublicApproval) -> Document:
    """An approval; `ends_on` is the first day outside it."""
    return {
        "id": str(approval.id),
        "provider_id": str(approval.provider_id),
        "procurer_id": str(approval.procurer_id),
        "procurer_name": approval.procurer_name,
        "area_code": approval.area_code,
        "service_id": str(approval.service_id),
        "service_code": approval.service_code,
        "service_name": approval.service_name,
        "rulebook_id": str(approval.rulebook_id),
        "rulebook_version": approval.rulebook_version,
        "status": approval.status,
        "new_clients": approval.new_clients,
        "starts_on": approval.starts_on.isoformat(),
        "ends_on": approval.ends_on.isoformat() if approval.ends_on else None,
        "reason": approval.reason,
        "reason_code": approval.reason_code,
        "partners": approval.partners,
    }


def event_document(event: Change) -> Document:
    """A change, its coded reason, and the approval as it was then; null when it is gone, or not known so far back."""
    return {
        "number": event.number,
        "recorded_at": event.recorded_at.isoformat(),
        "what": event.what,
        "reason_code": event.code,
        "approval_id": str(event.subject_id),
        "provider_id": str(event.about_id),
        "approval": event.state,
    }


def as_csv(firms: list[PublicFirm]) -> str:
    """One approval a row, the same in every language. What looks like a formula stays text."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for firm in firms:
        own = (
            *(firm.id, firm.name, firm.business_id, firm.foreign_register, firm.foreign_id),
            *(str(firm.is_sample).lower(), firm.city, firm.website),
        )
        for one in firm.approvals:
            theirs = (
                *(one.id, one.procurer_id, one.procurer_name, one.area_code, one.service_code),
                *(one.rulebook_id, one.rulebook_version, one.status, str(one.new_clients).lower()),
                *(one.starts_on, one.ends_on, one.reason, one.reason_code),
            )
            writer.writerow(["" if cell is None else harmless(str(cell)) for cell in (*own, *theirs)])
    return file.getvalue()


def hsds_organization(firm: PublicFirm, base_url: str) -> Document:
    """A firm as Open Referral tells it."""
    told: Document = {
        "id": str(firm.id),
        "name": firm.name,
        "description": _said(firm.summary) or firm.name,
        "uri": f"{base_url}/providers/{firm.id}",
    }
    if firm.website:
        told["website"] = firm.website
    scheme, number = (
        ("FI-PRH", firm.business_id) if firm.business_id else (firm.foreign_register, firm.foreign_id)
    )
    if scheme and number:
        told["organization_identifiers"] = [
            {
                "id": _id(firm.id, "identifier"),
                "organization_id": str(firm.id),
                "identifier_scheme": scheme,
                "identifier_type": "Business ID" if firm.business_id else "Id in a foreign register",
                "identifier": number,
            }
        ]
    return told


def hsds_service(offering: PublicOffering, firm: PublicFirm, base_url: str) -> Document:
    """What a firm offers as Open Referral tells it."""
    id = str(offering.id)
    status = "active" if offering.is_open else "temporarily closed" if offering.is_suspended else "inactive"
    euros = offering.price_cents / 100
    return {
        "id": id,
        "organization_id": str(offering.provider_id),
        "name": _said(offering.title),
        "alternate_name": _said(offering.service_name),
        "description": _said(offering.summary),
        "url": f"{base_url}/offerings/{id}",
        "status": status,
        "fees_description": f"{euros:.2f} EUR / {offering.unit}",
        "last_modified": offering.published_at.isoformat(),
        "languages": [
            {"id": _id(offering.id, f"language {code}"), "service_id": id, "code": code}
            for code in offering.languages
        ],
        "service_areas": [
            {
                "id": _id(offering.id, f"area {code}"),
                "service_id": id,
                "name": _said(name),
                "extent": code,
                "extent_type": "Finnish employment area, code of Statistics Finland",
            }
            for code, name in offering.areas
        ],
        "cost_options": [
            {
                "id": _id(offering.id, "cost"),
                "service_id": id,
                "option": offering.unit,
                "currency": "EUR",
                "amount": euros,
            }
        ],
        "organization": hsds_organization(firm, base_url),
        "contacts": [
            {
                "id": _id(offering.id, "deliverer"),
                "service_id": id,
                "name": offering.deliverer_name,
                "title": "Delivers the service",
            }
        ],
    }


def hsds_page(contents: list[Document], *, total: int, page: int, per_page: int) -> Document:
    """A page of a list as Open Referral's API tells it."""
    pages = max(1, -(-total // per_page))
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": page,
        "size": len(contents),
        "first_page": page == 1,
        "last_page": page >= pages,
        "empty": not contents,
        "contents": contents,
    }


def linked_provider(firm: ProviderView, services: dict[UUID, Any], language: str, base_url: str) -> Document:
    """A firm for search engines."""
    told: Document = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": f"{base_url}/providers/{firm.id}",
        "url": f"{base_url}/providers/{firm.id}",
        "name": firm.name,
        "description": texts.pick(firm.summary, language),
        "knowsLanguage": firm.languages,
        "hasCredential": [
            {
                "@type": "EducationalOccupationalCredential",
                "credentialCategory": "approval",
                "name": texts.pick(services[approval.service_id].name, language),
                "recognizedBy": {"@type": "GovernmentOrganization", "name": approval.procurer_name},
                "validFrom": approval.starts_on.isoformat(),
            }
            for approval in firm.approvals
            if approval.status == "in_force"
        ],
    }
    if firm.city:
        told["address"] = {"@type": "PostalAddress", "addressLocality": firm.city}
    if firm.website:
        told["sameAs"] = firm.website
    if firm.business_id:
        told["identifier"] = {"@type": "PropertyValue", "propertyID": "Y-tunnus", "value": firm.business_id}
    return told


def linked_offering(offering: OfferingView, areas: dict[str, Any], language: str, base_url: str) -> Document:
    """An offering for search engines. Ratings only from as many answers as pages show."""
    told: Document = {
        "@context": "https://schema.org",
        "@type": "Service",
        "@id": f"{base_url}/offerings/{offering.id}",
        "url": f"{base_url}/offerings/{offering.id}",
        "name": texts.pick(offering.title, language),
        "description": texts.pick(offering.summary, language),
        "serviceType": texts.pick(offering.service_name, language),
        "provider": {
            "@type": "Organization",
            "@id": f"{base_url}/providers/{offering.provider_id}",
            "name": offering.provider_name,
        },
        "areaServed": [
            {"@type": "AdministrativeArea", "name": texts.pick(areas[code], language)}
            for code in offering.area_codes
            if code in areas
        ],
        "availableLanguage": offering.languages,
        "offers": {
            "@type": "Offer",
            "price": f"{offering.price_cents / 100:.2f}",
            "priceCurrency": "EUR",
            "availability": f"https://schema.org/{'InStock' if offering.is_choosable else 'OutOfStock'}",
        },
    }
    if not offering.experience.is_early:
        told["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(offering.experience.shrunk, 1),
            "ratingCount": offering.experience.respondents,
            "bestRating": 5,
            "worstRating": 1,
        }
    return told


def _said(words: texts.Texts) -> str:
    """Open Referral knows one language a document: ours is Finnish, and what else there is when there is none."""
    return texts.pick(words, "fi")


def _id(of: UUID, what: str) -> str:
    """The id of a part: always the same for the same thing."""
    return str(uuid5(of, what))
