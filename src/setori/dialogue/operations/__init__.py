"""Writing the dialogue."""

from setori.dialogue.operations.mending import (
    mend_linked_remark,
    mend_remark,
    withdraw_linked_remark,
    withdraw_remark,
)
from setori.dialogue.operations.procuring import open_dialogue, prolong, publish, reply
from setori.dialogue.operations.speaking import confirm_remark, remark, remark_from_outside
from setori.dialogue.operations.telling import confirm_subscription, leave, send_news, subscribe

__all__ = [
    "confirm_remark",
    "confirm_subscription",
    "leave",
    "mend_linked_remark",
    "mend_remark",
    "open_dialogue",
    "prolong",
    "publish",
    "remark",
    "remark_from_outside",
    "reply",
    "send_news",
    "subscribe",
    "withdraw_linked_remark",
    "withdraw_remark",
]
