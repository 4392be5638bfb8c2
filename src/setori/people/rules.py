"""Who may act as what: roles, and how long a way in stays open."""

from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, ip_address, ip_network


class OrganisationKind(StrEnum):
    """What an organisation is in the market."""

    PROCURER = "procurer"
    PROVIDER = "provider"


class Role(StrEnum):
    """What a person acts as. A jobseeker acts for oneself, everybody else for an organisation."""

    JOBSEEKER = "jobseeker"
    COACH = "coach"
    PROVIDER_OWNER = "provider_owner"
    CASE_WORKER = "case_worker"
    REGISTRAR = "registrar"
    FINANCE = "finance"
    APPROVER = "approver"
    SERVICE_MANAGER = "service_manager"
    SAFEGUARDING = "safeguarding"


PROVIDER_ROLES = frozenset({Role.COACH, Role.PROVIDER_OWNER})
PROCURER_ROLES = frozenset({Role.CASE_WORKER, Role.REGISTRAR, Role.FINANCE, Role.APPROVER})
"""Who sees a procurer's desk. A service manager is of the procurer's side, and sees nothing but what clients allow;
who is named for safeguarding sees nothing but what clients told in confidence."""

LINK_LIVES = timedelta(minutes=10)
DEMO_LINK_LIVES = timedelta(days=365)
SIGN_IN_LIVES = timedelta(hours=12)
SIGN_IN_IDLES = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=1)
TOKEN_LIVES = timedelta(days=365)
TRIES_PER_WINDOW = 10
"""How often something that is limited can be tried by one subject, within the window."""
LINKS_IN_ALL = 1_000
"""How many sign-in links can be asked for within the window by everybody together."""
WINDOW = timedelta(minutes=5)


def network_of(address: str) -> str:
    """Whom tries from an address count for: itself, or the /64 that a household or a firm has of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:254]
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


def role_fits(role: Role, kind: OrganisationKind | None) -> bool:
    """Whether a role can be held in an organisation of a kind (None: for oneself)."""
    if kind is None:
        return role is Role.JOBSEEKER
    if kind is OrganisationKind.PROVIDER:
        return role in PROVIDER_ROLES
    return role in PROCURER_ROLES or role in (Role.SERVICE_MANAGER, Role.SAFEGUARDING)
