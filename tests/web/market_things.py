"""What is said in a market dialogue, for tests that walk all addresses."""

from datetime import datetime, timedelta
from uuid import UUID

from setori import dialogue
from setori.days import local_day
from setori.db import Database
from setori.dialogue import OpenDialogue, Shows
from setori.people import Actor
from setori.registry import DraftCriterion, DraftRulebook, draft_rulebook
from tests.domains import builders as a


async def a_dialogue_that_is_over(
    db: Database, registrar: Actor, criterion: DraftCriterion, *, begun: datetime, at: datetime
) -> UUID:
    """Opened then, and published now."""
    told = DraftRulebook(
        service_id=await a.a_service(db, "talked-of", at=begun),
        title={"fi": "Puhuttu"},
        criteria=[criterion],
    )
    book = await draft_rulebook(db, told, by=registrar, at=begun)
    order = OpenDialogue(closes_on=local_day(begun) + timedelta(days=14), shows=Shows.AT_ONCE)
    talk = await dialogue.open_dialogue(db, book, order, by=registrar, at=begun)
    await dialogue.publish(db, book, by=registrar, at=at)
    return talk


TOLD_OF_REMARKS: dict[str, dict[str, str]] = {
    "POST /provider/remarks/{remark_id}": {"text": "Better as it was."},
    "POST /provider/remarks/{remark_id}/withdrawal": {},
}
"""What the forms about a remark hold."""
