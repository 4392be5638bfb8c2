"""What is written to firms and colleagues who are asked to come."""

from setori.web.i18n import N_

_LETTER = "/join/invitation?token={token}"

JOINING: dict[str, tuple[str, str, str, str]] = {
    "firm_registers": (
        N_("Register your firm in Setori"),
        N_(
            "Open the link and tell your firm's Business ID. It is good for two weeks. Not yours? Do nothing."
        ),
        _LETTER,
        N_("Register the firm"),
    ),
    "firm_invited": (
        N_("{procurer} invites {firm}"),
        N_(
            "{procurer} would like {firm} among its service providers. Register the firm, read the terms and "
            "decide then."
        ),
        _LETTER,
        N_("Open the invitation"),
    ),
    "firm_asked_to_apply": (
        N_("{procurer} invites {firm} to apply"),
        N_("It is about “{title}”. Register the firm, read what is asked, and decide then whether to apply."),
        _LETTER,
        N_("Open the invitation"),
    ),
    "member_invited": (
        N_("{firm} invites you to Setori"),
        N_("{by} asks you to act for {firm}. The link is good for two weeks. Not yours? Do nothing."),
        _LETTER,
        N_("Open the invitation"),
    ),
}
