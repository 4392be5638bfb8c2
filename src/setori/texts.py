"""Texts in Finnish, Swedish and English, kept together and picked by the reader's language."""

Texts = dict[str, str]

LANGUAGES = ("fi", "sv", "en")


def pick(texts: Texts | None, language: str) -> str:
    """The text in the reader's language, else in Finnish, English or whatever there is; empty when there is none."""
    return pick_with_language(texts, language)[0]


def pick_with_language(texts: Texts | None, language: str) -> tuple[str, str]:
    """The same, with the language that it is in; the reader's own for what is empty."""
    told = texts or {}
    for wanted in (language, "fi", "en", *told):
        if told.get(wanted):
            return told[wanted], wanted
    return "", language


def in_all(text: str) -> Texts:
    """The same words in every language, for names that are not translated."""
    return dict.fromkeys(LANGUAGES, text)
