"""The way around: what stands in the header for each role."""

from dataclasses import dataclass

from setori.people import Actor, Role
from setori.web.i18n import N_

PUBLIC = (
    ("/coaches", N_("Coaches")),
    ("/providers", N_("Register")),
    ("/dialogue", N_("Dialogue")),
    ("/how", N_("How it works")),
)
_PROCURER = {
    "applications": ("/procurer/applications", N_("Applications")),
    "rulebooks": ("/procurer/rulebooks", N_("Rulebooks")),
    "providers": ("/procurer/providers", N_("Providers")),
    "reviews": ("/procurer/reviews", N_("Reported words")),
    "watch": ("/procurer/watch", N_("Watch")),
    "clients": ("/procurer/clients", N_("Clients")),
    "disputes": ("/procurer/disputes", N_("Disputes")),
    "vouchers": ("/procurer/vouchers", N_("Vouchers")),
    "outcomes": ("/procurer/outcomes", N_("Outcomes")),
    "programmes": ("/procurer/programmes", N_("Programmes")),
    "settlement": ("/procurer/settlement", N_("Settlement")),
    "statements": ("/procurer/statements", N_("Statements")),
    "reconciliation": ("/procurer/reconciliation", N_("Reconciliation")),
}
_DESK = ("/procurer", N_("Desk"))
OF_ROLE: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.JOBSEEKER: (
        ("/coaches", N_("Coaches")),
        ("/wallet", N_("My voucher")),
        ("/how", N_("How it works")),
    ),
    Role.COACH: (
        ("/provider", N_("Today")),
        ("/provider/calendar", N_("Calendar")),
        ("/provider/sessions/new", N_("Record a session")),
        ("/provider/clients", N_("Clients")),
        ("/provider/sessions", N_("Sessions")),
        ("/provider/applications", N_("Applications")),
        ("/provider/documents", N_("Documents")),
        ("/provider/reviews", N_("Reviews")),
    ),
    Role.PROVIDER_OWNER: (
        ("/provider", N_("Desk")),
        ("/provider/calendar", N_("Calendar")),
        ("/provider/clients", N_("Clients")),
        ("/provider/sessions", N_("Sessions")),
        ("/provider/outcomes", N_("Outcomes")),
        ("/provider/statements", N_("Statements")),
        ("/provider/offerings", N_("Offerings")),
        ("/provider/applications", N_("Applications")),
        ("/provider/approvals", N_("Approvals")),
        ("/provider/consortia", N_("Consortia")),
        ("/provider/documents", N_("Documents")),
        ("/provider/rulebooks", N_("Rulebooks")),
        ("/dialogue", N_("Dialogue")),
        ("/provider/reviews", N_("Reviews")),
        ("/provider/profile", N_("Profile")),
    ),
    Role.REGISTRAR: (
        _DESK,
        *(_PROCURER[key] for key in ("applications", "rulebooks", "providers", "reviews", "watch")),
    ),
    Role.CASE_WORKER: (
        _DESK,
        *(
            _PROCURER[key]
            for key in ("clients", "vouchers", "disputes", "outcomes", "programmes", "providers")
        ),
    ),
    Role.FINANCE: (
        _DESK,
        *(_PROCURER[key] for key in ("settlement", "statements", "reconciliation", "programmes")),
    ),
    Role.APPROVER: (
        _DESK,
        *(_PROCURER[key] for key in ("statements", "outcomes", "reconciliation", "programmes")),
    ),
    Role.SAFEGUARDING: (("/safeguarding", N_("Reports in confidence")),),
    Role.SERVICE_MANAGER: (("/guiding", N_("My clients")), ("/coaches", N_("Coaches"))),
}


_AT_ONCE = 6
"""How many links a phone shows in two lines."""
_DESKS = ("/procurer", "/provider")
"""A desk is only itself: what lies under its address belongs to another link, or to none."""
_UNDER = {
    "/procurer/adoptions": "/procurer/providers",
    "/procurer/approvals": "/procurer/providers",
    "/procurer/imports": "/procurer/providers",
    "/procurer/figures": "/procurer/providers",
    "/procurer/invitations": "/procurer/providers",
    "/procurer/notices": "/procurer/providers",
    "/procurer/replies": "/procurer/reviews",
    "/procurer/samples": "/procurer/disputes",
    "/procurer/batches": "/procurer/vouchers",
    "/procurer/envelopes": "/procurer/vouchers",
    "/provider/coaches": "/provider/offerings",
    "/provider/people": "/provider/profile",
    "/provider/hearings": "/provider/approvals",
    "/provider/watch": "/provider/reviews",
}
"""Pages that belong to a link without lying under its address."""


@dataclass(frozen=True, slots=True)
class Place:
    """A link in the header; `is_here` when the page is under it."""

    path: str
    label: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Navigation:
    """The header: its links, and whether the page is on the youth side, with the awning, or at a desk."""

    places: tuple[Place, ...]
    is_desk: bool

    @property
    def is_long(self) -> bool:
        """Whether the links would fill a phone's first screen: there they are folded behind one word."""
        return len(self.places) > _AT_ONCE


def navigation_of(actor: Actor | None, path: str) -> Navigation:
    """What the header shows to somebody on a page."""
    links = OF_ROLE[actor.role] if actor else PUBLIC
    home = next((to for under, to in _UNDER.items() if path == under or path.startswith(under + "/")), path)
    fitting = [
        link for link, _ in links if home == link or (link not in _DESKS and home.startswith(link + "/"))
    ]
    here = max(fitting, key=len, default=None)
    is_desk = path == "/provider" or path.startswith(
        ("/provider/", "/procurer", "/redeem", "/guiding", "/safeguarding")
    )
    return Navigation(tuple(Place(link, label, link == here) for link, label in links), is_desk)
