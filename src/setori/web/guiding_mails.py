"""What mails about service managers say: as in `mails`, subject, text, where the button leads, and its words."""

from setori.web.i18n import N_

GUIDING: dict[str, tuple[str, str, str, str]] = {
    "guiding_proposed": (
        N_("Shall somebody walk beside you?"),
        N_(
            "Your case worker proposes a service manager to you. Nobody sees anything before your yes, and you decide "
            "what you allow."
        ),
        "/wallet/helpers/{consent_id}",
        N_("Look at it and answer"),
    ),
    "guiding_begun": (
        N_("A client asks you to walk beside"),
        N_(
            "What the client allows, and until when, is on the page. The client can read of every look and act."
        ),
        "/guiding/clients/{consent_id}",
        N_("See the client"),
    ),
    "guiding_ended": (
        N_("A client's consent has ended"),
        N_("You see nothing of this client any more. Thank you for walking along so far."),
        "/guiding",
        N_("See your clients"),
    ),
    "guiding_left": (
        N_("Your service manager walks beside you no more"),
        N_("What you allowed has ended. You can invite somebody else, or ask your case worker."),
        "/wallet/helpers",
        N_("See who else there is"),
    ),
    "guiding_suggested": (
        N_("{who} suggests a coach to you"),
        N_("Look at it in your wallet. Only you choose."),
        "/wallet",
        N_("Look at it"),
    ),
    "meeting_confirmed_for_you": (
        N_("{who} booked a time for you: {starts_at}"),
        N_("With {coach}, {place}. You can move it or call it off on the page, which also says until when."),
        "/meetings/{booking_id}",
        N_("See the meeting"),
    ),
    "meeting_moved_yours_for_you": (
        N_("{who} moved your meeting to {starts_at}"),
        N_("It was {was} before. With {coach}, {place}."),
        "/meetings/{booking_id}",
        N_("See the meeting"),
    ),
    "meeting_called_off_for_you": (
        N_("{who} called your meeting off: {starts_at}"),
        N_("Your coach has been told. What it means for your voucher is on the page."),
        "/meetings/{booking_id}",
        N_("See the meeting"),
    ),
}
