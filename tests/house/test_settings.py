"""What the environment may and may not say."""

import pytest
from pydantic import ValidationError

from setori.settings import DEMO_SECRET_KEY, Settings


def test_outside_the_demo_the_secrets_that_everybody_can_read_are_refused() -> None:
    with pytest.raises(ValidationError, match="SETORI_GATEWAY_TOKEN"):
        Settings(secret_key="k" * 32, gateway_webhook_secret="whsec_own")
    with pytest.raises(ValidationError, match="SETORI_SECRET_KEY"):
        Settings(secret_key=DEMO_SECRET_KEY, gateway_token="own", gateway_webhook_secret="whsec_own")
    with pytest.raises(ValidationError, match="at least 32 characters"):
        Settings(secret_key="short", gateway_token="own", gateway_webhook_secret="whsec_own")


def test_settings_come_from_the_environment_and_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETORI_DEMO", "true")
    monkeypatch.setenv("SETORI_GATEWAY_WEBHOOK_SECRET", "whsec_new whsec_old")
    settings = Settings()
    assert settings.webhook_secrets == ["whsec_new", "whsec_old"]
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
