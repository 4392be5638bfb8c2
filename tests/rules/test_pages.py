"""What every page is made with: filters that speak each reader's language, and a header that knows where one is."""

from uuid import UUID

import pytest

from setori.people import Actor, Role
from setori.settings import Settings
from setori.web import i18n
from setori.web.assets import Assets
from setori.web.navigation import navigation_of
from setori.web.pages import engine


class NoAssets(Assets):
    def __init__(self) -> None:
        pass

    def url(self, name: str) -> str:
        return name


@pytest.mark.parametrize(
    ("said", "words"),
    [("{{ 0 | money }}", ("0,00\u00a0€", "€0.00")), ("{{ 'fi' | name }}", ("suomi", "Finnish"))],
)
def test_a_constant_is_said_in_the_language_of_each_reader_not_of_the_first(said, words) -> None:
    settings = Settings(database_url="postgresql://none", demo=True)
    environment = engine(settings, NoAssets()).engine_instance.engine  # type: ignore[union-attr]
    template = environment.from_string(said)
    for language, expected in zip(("fi", "en", "fi"), (*words, words[0]), strict=True):
        before = i18n.language.set(language)
        try:
            assert template.render() == expected
        finally:
            i18n.language.reset(before)


@pytest.mark.parametrize(
    ("role", "path", "here"),
    [
        (Role.REGISTRAR, "/procurer", "/procurer"),
        (Role.REGISTRAR, "/procurer/imports/new", "/procurer/providers"),
        (Role.REGISTRAR, "/procurer/applications/1", "/procurer/applications"),
        (Role.REGISTRAR, "/procurer/unheard-of", None),
        (Role.PROVIDER_OWNER, "/provider/coaches/new", "/provider/offerings"),
        (Role.COACH, "/provider/sessions/new", "/provider/sessions/new"),
        (None, "/coaches", "/coaches"),
    ],
)
def test_the_header_marks_where_one_is(role, path, here) -> None:
    actor = Actor(UUID(int=1), role, UUID(int=2), "A", "en") if role else None
    marked = [place.path for place in navigation_of(actor, path).places if place.is_here]
    assert marked == ([here] if here else [])
