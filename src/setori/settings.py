"""Settings: everything that differs between one installation and another, read once from the environment."""

import hashlib
import hmac
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_SECRET_KEY = "demo-secret-key-that-only-a-demo-may-use"
DEMO_GATEWAY_TOKEN = "demo-gateway-token"
DEMO_REGISTER_TOKEN = "demo-register-token"
DEMO_WEBHOOK_SECRET = "whsec_c2V0b3JpLWRlbW8td2ViaG9vay1zZWNyZXQtMzI="
_DEMO_SECRETS = {
    "secret_key": DEMO_SECRET_KEY,
    "gateway_token": DEMO_GATEWAY_TOKEN,
    "gateway_webhook_secret": DEMO_WEBHOOK_SECRET,
    "register_token": DEMO_REGISTER_TOKEN,
}


class Settings(BaseSettings):
    """One installation. Each field is an environment variable: SETORI_ and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="SETORI_", frozen=True, extra="ignore")

    database_url: str = Field(
        default="",
        description="PostgreSQL as the role setori_app, which may not change the schema: postgresql://…",
    )
    owner_database_url: str = Field(
        default="",
        description="The same database as its owner, for `setori db upgrade`. Default: database_url.",
    )
    data_dir: Path | None = Field(
        default=None, description="Where the demo keeps its database and the gateway's book."
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000", description="Where people reach Setori; links in mail begin with it."
    )
    host: str = Field(default="127.0.0.1", description="The address that `setori serve` listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="The port that `setori serve` listens on.")
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks, with commas, of the reverse proxies whose X-Forwarded-For and -Proto are "
        "believed; of nobody when it is empty.",
    )
    workers: int = Field(default=1, ge=1, le=64, description="Server processes of `setori serve`.")
    pool_size: int = Field(default=4, ge=1, le=64, description="Database connections per server process.")
    catalogue_seconds: float = Field(
        default=2,
        ge=0,
        le=60,
        description="How old, in seconds, what the catalogue shows may be at most; 0 asks before each answer.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(DEMO_SECRET_KEY),
        description="What cookies, voucher codes and form tokens are keyed with; at least 32 characters.",
    )
    gateway_url: str = Field(
        default="http://127.0.0.1:8010", description="The payment gateway, without a slash at the end."
    )
    gateway_token: SecretStr = Field(
        default=SecretStr(DEMO_GATEWAY_TOKEN), description="The bearer token that the gateway knows us by."
    )
    gateway_webhook_secret: SecretStr = Field(
        default=SecretStr(DEMO_WEBHOOK_SECRET),
        description="What the gateway signs webhooks with (whsec_…): the new one, a space, the old.",
    )
    register_url: str = Field(
        default="",
        description="The public registers of firms, without a slash at the end; nobody is asked when it is empty.",
    )
    register_token: SecretStr = Field(
        default=SecretStr(""), description="The bearer token that the registers know us by."
    )
    demo: bool = Field(
        default=False,
        description="A demonstration: sample people, links that let anybody in, mail shown on a page.",
    )

    @model_validator(mode="after")
    def _keep_demo_secrets_in_the_demo(self) -> Self:
        """A secret that everybody can read protects nothing: without `demo` the program refuses to start."""
        if self.demo:
            return self
        known = [
            name for name, value in _DEMO_SECRETS.items() if getattr(self, name).get_secret_value() == value
        ]
        if known:
            names = ", ".join(f"SETORI_{name.upper()}" for name in known)
            raise ValueError(
                f"set {names}: outside the demo (SETORI_DEMO=true) the demo's secrets are refused"
            )
        if len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("SETORI_SECRET_KEY must have at least 32 characters")
        return self

    @property
    def owner_url(self) -> str:
        """The database as its owner, for migrations."""
        return self.owner_database_url or self.database_url

    @property
    def code_key(self) -> bytes:
        """The key of voucher codes, apart from the keys of cookies and forms."""
        return hmac.new(
            self.secret_key.get_secret_value().encode(), b"voucher codes", hashlib.sha256
        ).digest()

    @property
    def webhook_secrets(self) -> list[str]:
        """The secrets that a webhook may be signed with: the new one first, then the one it replaces."""
        return self.gateway_webhook_secret.get_secret_value().split()


def load_settings() -> Settings:
    """The settings in the environment. Raises pydantic's ValidationError with what is missing."""
    return Settings()
