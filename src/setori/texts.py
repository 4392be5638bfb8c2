"""Texts in Finnish, Swedish and English, kept together and picked by the reader's language."""

Texts = dict[str, str]

LANGUAGES = ("fi", "sv", "en")


def pick(texts: Texts | None, language: str) -> str:
    """The text in the reader's language, else in Finnish, English or whatever there is; empty when there is none."""
    if not texts:
        return ""
    for wanted in (language, "fi", "en"):
        if texts.get(wanted):
            return texts[wanted]
    return next((text for text in texts.values() if text), "")


def in_all(text: str) -> Texts:
    """The same words in every language, for names that are not translated."""
    return dict.fromkeys(LANGUAGES, text)
