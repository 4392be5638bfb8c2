"""What a file or a document is refused for, each with what to do."""

from setori.errors import Conflict, Invalid


class FileRefused(Invalid):
    """A file that is not kept; the sentence stands at the field of the file."""

    def __init__(self) -> None:
        super().__init__(errors={"file": self.sentence})


class FileMissing(FileRefused):
    """Nothing was chosen, or what was chosen is empty."""

    sentence = "Choose a file. The one that came was empty or none."


class FileTooLarge(FileRefused):
    """Over 10 MB."""

    sentence = "The file is over 10 MB. Save it smaller, or send fewer pages."


class KindRefused(FileRefused):
    """Neither PDF, JPEG nor PNG, whatever its name says."""

    sentence = (
        "This is not a PDF, JPEG or PNG, whatever its name says. Save the document as a PDF and send that."
    )


class FileBroken(FileRefused):
    """It cannot be read to its end."""

    sentence = "The file is damaged and cannot be opened. Save or scan it anew and send that."


class FileLocked(FileRefused):
    """A PDF behind a password."""

    sentence = "The PDF is locked with a password. Save it without one and send that."


class FileActive(FileRefused):
    """A PDF that does things when it is opened."""

    sentence = "The PDF holds a program. Print it to a new PDF and send that."


class FileWithin(FileRefused):
    """Another file hides in it."""

    sentence = "The file holds another file within it. Print it to a new PDF, or save the picture anew, and send that."


class PictureTooLarge(FileRefused):
    """More dots than a page needs."""

    sentence = "The picture has too many dots. Save it smaller, at most 40 million dots, and send that."


class Withdrawn(Conflict):
    """A withdrawn document is taken back before it is renewed."""

    sentence = "This document has been withdrawn. Take it back into use first."
