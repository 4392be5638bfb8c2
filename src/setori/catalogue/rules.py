"""What can be bought: how coaches meet people, and what an offering must say."""

from enum import StrEnum

COMPARE_AT_MOST = 3


class Way(StrEnum):
    """How a coach and a jobseeker meet."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"
    CHAT = "chat"


class Access(StrEnum):
    """What the place of an offering has for those who need it."""

    STEP_FREE = "step_free"
    TOILET = "accessible_toilet"
    LOOP = "hearing_loop"
    QUIET = "quiet_room"
    SIGN_LANGUAGE = "sign_language"
    EASY_LANGUAGE = "easy_language"


class Help(StrEnum):
    """What a coach is strong in, as the coach's firm says: two of them at most, so that it means something."""

    STRUCTURE = "structure"
    ENCOURAGEMENT = "encouragement"
    CONTACTS = "contacts"
    PATIENCE = "patience"


class Unit(StrEnum):
    """What one unit of an offering is."""

    SESSION = "session"
    COURSE = "course"


class Order(StrEnum):
    """How a list of coaches is put in order. Nobody can pay for a place."""

    TURNS = "turns"
    PRICE = "price"
    EXPERIENCE = "experience"
    EARLIEST = "earliest"
    DISTANCE = "distance"
    NAME = "name"
