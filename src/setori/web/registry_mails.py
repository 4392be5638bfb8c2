"""What is written to firms and registrars about applications, approvals and consortia."""

from setori.web.i18n import N_

REGISTRY: dict[str, tuple[str, str, str, str]] = {
    "approval_paused": (
        N_("Your approval is closed to new clients"),
        N_("You go on with the clients you have. The reason, and what to do, are on the page."),
        "/provider/approvals",
        N_("See why"),
    ),
    "document_ends": (
        N_("A document ends soon"),
        N_(
            "{document}: its last day is {closes_on}. Upload the new one in time, so that your approvals stay open to "
            "new clients."
        ),
        "/provider/documents/{document_id}",
        N_("See the document"),
    ),
    "approval_resumed": (
        N_("Your approval is open to new clients again"),
        N_("New clients can choose you again."),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "approval_heard": (
        N_("Your side is asked before an approval is suspended"),
        N_("Read what it is about, and tell your side in time."),
        "/provider/approvals",
        N_("Tell your side"),
    ),
    "hearing_dropped": (
        N_("The hearing about your approval is closed"),
        N_("Your approval stays in force."),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "approval_suspended": (
        N_("Your approval has been suspended"),
        N_("Sessions already held are paid. The reason is on the page."),
        "/provider/approvals",
        N_("See why"),
    ),
    "approval_ended": (
        N_("Your approval has ended"),
        N_("Sessions already held are paid. The reason is on the page."),
        "/provider/approvals",
        N_("See why"),
    ),
    "approval_reinstated": (
        N_("Your approval is in force again"),
        N_("New clients can choose you again, under the same terms as before."),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "invited_to_apply": (
        N_("An employment area invites you to apply"),
        N_(
            "You are approved elsewhere already. What you have answered is filled in; a few questions are left."
        ),
        "/provider/rulebooks/{rulebook_id}",
        N_("See the terms and apply"),
    ),
    "approval_adopted": (
        N_("Another employment area has approved you"),
        N_("It trusts the approval that you have elsewhere. Tell how many clients you can take there."),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "application_submitted": (
        N_("An application has come"),
        N_("A provider has sent an application. It waits in the queue."),
        "/procurer/applications/{application_id}",
        N_("Open the application"),
    ),
    "application_assigned": (
        N_("Assess an application"),
        N_("You have been asked to assess an application. Mark each criterion by yourself."),
        "/procurer/applications/{application_id}/assessment",
        N_("Assess it"),
    ),
    "application_returned": (
        N_("Complete your application"),
        N_("The registrar asks you to complete the application. What is asked, and by when, is on its page."),
        "/provider/applications/{application_id}",
        N_("Complete it"),
    ),
    "appeal_resolved": (
        N_("Your appeal has been resolved"),
        N_("What came of your appeal, and why, is on the application's page."),
        "/provider/applications/{application_id}",
        N_("See what came of it"),
    ),
    "appeal_filed": (
        N_("A provider appeals against a decision"),
        N_("What it asks, and why, is on the application's page."),
        "/procurer/applications/{application_id}",
        N_("Open the application"),
    ),
    "completion_due": (
        N_("Complete your application in three days"),
        N_("The last day to complete it is {closes_on}."),
        "/provider/applications/{application_id}",
        N_("Complete it"),
    ),
    "firm_noticed": (
        N_("A register tells something of a firm that you approve"),
        N_(
            "Look at it and write down what you did. Only a firm that is gone is closed to new clients by itself."
        ),
        "/procurer/notices",
        N_("Look at the firms"),
    ),
    "desk_paused": (
        N_("Setori has closed an approval to new clients"),
        N_("The reason is on its page. You can open it again there; the clients it has go on."),
        "/procurer/approvals/{approval_id}",
        N_("See why"),
    ),
    "desk_resumed": (
        N_("Setori has opened an approval to new clients again"),
        N_("What it was closed for is over."),
        "/procurer/approvals/{approval_id}",
        N_("See the approval"),
    ),
    "delivery_missing": (
        N_("No sessions for a long time"),
        N_(
            "Your approval is closed to new clients on {closes_on} unless a session is held and confirmed before."
        ),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "pause_pleaded": (
        N_("A provider asks to be opened to new clients again"),
        N_(
            "It was closed because nothing had been delivered for long. What the provider says is on the page."
        ),
        "/procurer/approvals/{approval_id}",
        N_("See the approval"),
    ),
    "plea_refused": (
        N_("Your approval stays closed to new clients"),
        N_("The reason is on the page. You can ask again."),
        "/provider/approvals",
        N_("See why"),
    ),
    "partner_join_asked": (
        N_("A lead firm asks you to deliver with it"),
        N_("Read as what, and say yes or no. Nothing begins before your yes."),
        "/provider/changes/{change_id}",
        N_("Read it and answer"),
    ),
    "partner_alter_asked": (
        N_("Your lead firm asks you to deliver otherwise"),
        N_("Read what should change, and say yes or no. Nothing changes before your yes."),
        "/provider/changes/{change_id}",
        N_("Read it and answer"),
    ),
    "partner_leave_asked": (
        N_("Your lead firm applies for your leaving"),
        N_("The registrar decides. Until then you deliver as before."),
        "/provider/changes/{change_id}",
        N_("See why"),
    ),
    "partner_accepted": (
        N_("A firm has said yes"),
        N_("The firm that you asked delivers with you as soon as the registrar has decided."),
        "/provider/changes/{change_id}",
        N_("See it"),
    ),
    "partner_declined": (
        N_("A firm has said no"),
        N_("The firm that you asked does not deliver with you."),
        "/provider/changes/{change_id}",
        N_("See it"),
    ),
    "partner_withdrawn": (
        N_("A lead firm has taken its question back"),
        N_("Nothing changes for your firm."),
        "/provider/changes/{change_id}",
        N_("See it"),
    ),
    "partner_change_decided": (
        N_("A change of a consortium has been decided"),
        N_("What was decided, and why, is on the page."),
        "/provider/changes/{change_id}",
        N_("See the decision"),
    ),
    "partner_left": (
        N_("A firm leaves your consortium"),
        N_("Its last day and its reason are on the page. Its offerings cannot be chosen after that day."),
        "/provider/approvals/{approval_id}/partners",
        N_("See who delivers"),
    ),
    "partner_left_desk": (
        N_("A firm leaves a consortium"),
        N_("It has given notice itself. Its last day is on the page."),
        "/procurer/approvals/{approval_id}/partners",
        N_("See who delivers"),
    ),
    "partner_change_waits": (
        N_("A change of a consortium waits for you"),
        N_("A lead firm applies for it. Approve it, or refuse it with a reason."),
        "/procurer/changes/{change_id}",
        N_("Look at it"),
    ),
    "application_decided": (
        N_("Your application has been decided"),
        N_("The decision and its reasons are on the application's page."),
        "/provider/applications/{application_id}",
        N_("See the decision"),
    ),
}
