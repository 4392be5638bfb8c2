"""What may be asked of the business facts."""

from setori.people import Command, Reason


class LookAtNotice(Command):
    """What the registrar did about what a register said."""

    note: Reason
