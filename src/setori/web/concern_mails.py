"""What mails about reports in confidence say: that something waits, and nothing of what it is or about whom."""

from setori.web.i18n import N_

# Words that were reported are told of here too.
CONCERNS: dict[str, tuple[str, str, str, str]] = {
    "concern_waits": (
        N_("A message in confidence waits for you"),
        N_("It stands on the page only, for those who are named for it. Every look is written down."),
        "/safeguarding",
        N_("Sign in and read"),
    ),
    "concern_moved": (
        N_("There is something new for you in Setori"),
        N_("Sign in to read it. For your safety this letter says no more."),
        "/wallet/concerns/{concern_id}",
        N_("Sign in and read"),
    ),
    "review_reported": (
        N_("Words of a review were reported"),
        N_(
            "Decide within five working days whether they are hidden or stand. The score counts in either case."
        ),
        "/procurer/reviews/{report_id}",
        N_("Read and decide"),
    ),
    "review_hidden": (
        N_("Your words about your coach were hidden"),
        N_(
            "Your answer counts as before. The reason is on the page, where you can also say it in other words, as "
            "long as the question is open."
        ),
        "/pulses/{pulse_id}",
        N_("Read why"),
    ),
    "review_replied": (
        N_("A firm replied to what a client said"),
        N_("Nobody reads it before you have looked at it. Decide within five working days."),
        "/procurer/replies/{reply_id}",
        N_("Read and decide"),
    ),
    "reply_shown": (
        N_("Your reply is shown"),
        N_("It stands under what your client said, for everybody to read."),
        "/provider/reviews",
        N_("Open the reviews"),
    ),
    "reply_refused": (
        N_("Your reply is not shown"),
        N_("The reason is on the page. You can write it anew in other words."),
        "/provider/reviews",
        N_("Read why"),
    ),
    "flags_raised": (
        N_("The nightly look found something to ask about"),
        N_("It proves nothing and stops nobody. Take it up, ask the firm, and write down what it was."),
        "/procurer/watch",
        N_("See what was found"),
    ),
    "flag_asked": (
        N_("A question to your firm"),
        N_(
            "Something in the figures looks odd, and there may be a good reason for it. Please answer within 14 days. "
            "Nothing is stopped meanwhile."
        ),
        "/provider/watch/{flag_id}",
        N_("Read and answer"),
    ),
    "flag_answered": (
        N_("A firm has answered your question"),
        N_("Read what it says, and write down what it was."),
        "/procurer/watch/{flag_id}",
        N_("Read the answer"),
    ),
    "flag_closed": (
        N_("The question to your firm is closed"),
        N_("What the employment area thinks of it stands on the page."),
        "/provider/watch/{flag_id}",
        N_("Read it"),
    ),
    "concern_has_no_reader": (
        N_("Nobody in your area is named to read reports in confidence"),
        N_(
            "A report waits that you cannot see. Have somebody named for it today: whoever keeps the roles of your "
            "area adds them."
        ),
        "/procurer",
        N_("Open the desk"),
    ),
}
