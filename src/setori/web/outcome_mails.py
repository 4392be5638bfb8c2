"""What mails about outcomes say: as in `mails`, the subject, the text, where the button leads, and its words."""

from setori.web.i18n import N_

OUTCOMES: dict[str, tuple[str, str, str, str]] = {
    "outcome_claimed": (
        N_("Is this right?"),
        N_("Your coach's firm says what has come of your voucher. Tell whether it is so."),
        "/outcomes/{claim_id}",
        N_("Look at it"),
    ),
    "outcome_claimed_by_client": (
        N_("A client tells what came of your work"),
        N_("The case worker looks at it. If it is found true, the fee is in your next statement."),
        "/provider/outcomes/{claim_id}",
        N_("See what was told"),
    ),
    "outcome_asked": (
        N_("The case worker asks more about an outcome"),
        N_("Answer on the page, and the claim goes on."),
        "/provider/outcomes/{claim_id}",
        N_("Answer"),
    ),
    "outcome_asked_client": (
        N_("Your case worker asks more about what you told"),
        N_("Answer on the page."),
        "/outcomes/{claim_id}",
        N_("Answer"),
    ),
    "outcome_verified": (
        N_("An outcome has been verified"),
        N_("The fee is in your next statement."),
        "/provider/outcomes/{claim_id}",
        N_("See the claim"),
    ),
    "outcome_verified_client": (
        N_("What you told has been verified"),
        N_("Thank you for telling. You need do nothing more."),
        "/outcomes/{claim_id}",
        N_("See the claim"),
    ),
    "outcome_refused": (
        N_("No fee is paid for an outcome"),
        N_("The reason is on the page."),
        "/provider/outcomes/{claim_id}",
        N_("See why"),
    ),
    "outcome_refused_client": (
        N_("What you told could not be verified"),
        N_("The reason is on the page. It changes nothing for you."),
        "/outcomes/{claim_id}",
        N_("See why"),
    ),
    "outcome_taken_back": (
        N_("An outcome fee has been taken back"),
        N_("The reason, and what follows for your statements, are on the page."),
        "/provider/outcomes/{claim_id}",
        N_("See why"),
    ),
}
