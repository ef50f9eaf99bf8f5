"""What whoever runs an installation may choose, each with its limits; read when built, never at import."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.domain.messages import Channel
from geo.domain.outside import MAX_ENDPOINT
from geo.domain.texts import Texting
from geo.domain.words import Mode
from geo.errors import GeoError
from geo.geocode.remote.endpoint import Endpoint, Reach, parse_endpoint
from geo.geocode.remote.news_reach import HookReach

CHECKOUT: Final = Path(__file__).resolve().parent.parent
ORIGIN: Final = re.compile(r"https://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")
GATEWAY: Final = re.compile(r"[a-z][a-z0-9+.-]{1,30}://(?P<host>[^/?\s]+)[/?][^\s]*")
TRAVEL_REACH: Final = Reach(is_on=True, loopback=True)
"""A routing server is named by whoever runs the host, and may be on it; any other is asked over https alone."""
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

_CONFIG: Final = SettingsConfigDict(
    env_prefix="BARNRAISER_", env_file=CHECKOUT / ".env", env_ignore_empty=True, extra="ignore", frozen=True
)


class HomeSettings(BaseSettings):
    """Where the installation keeps its state."""

    model_config = _CONFIG

    home: Path = CHECKOUT / ".barnraiser"
    database_url: Annotated[str | None, Field(repr=False, max_length=2_000)] = None
    keys_file: Path | None = None

    @field_validator("home", "keys_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
            raise ValueError("must begin with postgresql://")
        return value

    @property
    def tiles(self) -> Path:
        """The folder of the base map."""
        return self.home / "tiles"

    @property
    def out(self) -> Path:
        """The folder of what the main job wrote."""
        return self.home / "out"

    @property
    def erased(self) -> Path:
        """The list of who was erased, which no backup of the database takes back."""
        return self.home / "erased.jsonl"

    @property
    def keys(self) -> Path:
        """The file of keys, outside the database."""
        return self.keys_file or self.home / "keys.json"


class ServerSettings(BaseSettings):
    """How the one web server behaves."""

    model_config = _CONFIG

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    origin: Annotated[str | None, Field(max_length=260)] = None
    max_body_bytes: Annotated[int, Field(ge=1_000, le=50_000_000)] = 1_000_000
    read_timeout_s: Annotated[float, Field(gt=0, le=300, allow_inf_nan=False)] = 15.0
    statement_timeout_s: Annotated[float, Field(ge=0.1, le=600, allow_inf_nan=False)] = 10.0
    pool_size: Annotated[int, Field(ge=1, le=40)] = 8

    @field_validator("host")
    @classmethod
    def _loopback(cls, value: str) -> str:
        if value not in LOOPBACK:
            raise ValueError(
                "must be 127.0.0.1, ::1 or localhost: what is sent is not encrypted. "
                "Put a proxy that encrypts before it (BARNRAISER_ORIGIN), or use an SSH tunnel."
            )
        return value

    @field_validator("origin")
    @classmethod
    def _encrypted(cls, value: str | None) -> str | None:
        if value is not None and not ORIGIN.fullmatch(value):
            raise ValueError("must be https:// and a host name, without a path")
        return value

    def link_to(self, path: str) -> str:
        """Write a link for people: at the name they know, or at this machine's own."""
        return f"{self.origin or f'http://localhost:{self.port}'}{path}"


class RateSettings(BaseSettings):
    """How often one may ask, by person, key or address."""

    model_config = _CONFIG

    logins_per_min: Annotated[int, Field(ge=1, le=100)] = 5
    bad_keys_per_min: Annotated[int, Field(ge=1, le=10_000)] = 60
    reads_per_min: Annotated[int, Field(ge=10, le=1_000_000)] = 600
    feeds_per_min: Annotated[int, Field(ge=1, le=1_000_000)] = 120
    texts_per_min: Annotated[int, Field(ge=1, le=1_000_000)] = 300
    texts_per_sender: Annotated[int, Field(ge=1, le=10_000)] = 20


class RemoteSettings(BaseSettings):
    """Whether networks of this host may ask address services outside it; the operator has the last word."""

    model_config = _CONFIG

    remote_geocoding: bool = False
    remote_loopback: bool = False

    @property
    def reach(self) -> Reach:
        """What this permits."""
        return Reach(is_on=self.remote_geocoding, loopback=self.remote_loopback)


class HookSettings(BaseSettings):
    """Which hosts may be told that something has changed; none by default."""

    model_config = _CONFIG

    webhook_hosts: Annotated[str, Field(max_length=2000)] = ""
    webhook_loopback: bool = False

    @property
    def reach(self) -> HookReach:
        """What this permits."""
        hosts = (each.strip() for each in self.webhook_hosts.split(","))
        return HookReach(frozenset(host for host in hosts if host), self.webhook_loopback)


class TravelSettings(BaseSettings):
    """Who tells how long a way takes, when it is not this host's own engine."""

    model_config = _CONFIG

    travel_url: Annotated[str | None, Field(max_length=MAX_ENDPOINT)] = None
    travel_kind: Literal["valhalla", "osrm"] = "valhalla"
    travel_modes: Annotated[str, Field(max_length=60)] = ""

    @field_validator("travel_url")
    @classmethod
    def _asked_safely(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                parse_endpoint(value, TRAVEL_REACH)
            except GeoError as error:
                raise ValueError(str(error)) from None
        return value

    @field_validator("travel_modes")
    @classmethod
    def _modes(cls, value: str) -> str:
        if value and not {each.strip() for each in value.split(",")} <= set(Mode):
            raise ValueError("name modes parted by commas: walk, wheelchair, bicycle, car")
        return value

    @model_validator(mode="after")
    def _osrm_names_its_mode(self) -> Self:
        if self.travel_kind == "osrm" and self.travel_url is not None and not self.travel_modes:
            raise ValueError("say with BARNRAISER_TRAVEL_MODES what the server's profile is: it answers any with it")
        return self

    @property
    def endpoint(self) -> Endpoint | None:
        """The server that is asked, read; none by default."""
        return None if self.travel_url is None else parse_endpoint(self.travel_url, TRAVEL_REACH)

    @property
    def modes(self) -> frozenset[Mode]:
        """The modes that the server has streets for."""
        if not self.travel_modes:
            return frozenset(Mode)
        return frozenset(Mode(each.strip()) for each in self.travel_modes.split(","))


class NotifySettings(BaseSettings):
    """By which gateways messages to people leave this host; by none, unless whoever runs it says so."""

    model_config = _CONFIG

    notify_adapter: Literal["local", "apprise"] = "local"
    notify_email_url: Annotated[str | None, Field(repr=False, max_length=1_000)] = None
    notify_sms_url: Annotated[str | None, Field(repr=False, max_length=1_000)] = None
    notify_signal_url: Annotated[str | None, Field(repr=False, max_length=1_000)] = None
    notify_keep_days: Annotated[int, Field(ge=1, le=3_650)] = 30

    @field_validator("notify_email_url", "notify_sms_url", "notify_signal_url")
    @classmethod
    def _names_the_recipient(cls, value: str | None) -> str | None:
        if value is None:
            return None
        found = GATEWAY.fullmatch(value)
        if found is None or value.count("{to}") != 1 or "{to}" in found["host"]:
            raise ValueError("must be a URL of Apprise with {to} once, behind the host, where the recipient goes")
        return value

    @model_validator(mode="after")
    def _has_a_gateway(self) -> Self:
        if self.notify_adapter == "apprise" and not self.urls:
            raise ValueError("name a gateway: BARNRAISER_NOTIFY_EMAIL_URL, _SMS_URL or _SIGNAL_URL")
        return self

    @property
    def urls(self) -> dict[Channel, str]:
        """The gateway of each way that has one."""
        named = {
            Channel.EMAIL: self.notify_email_url,
            Channel.SMS: self.notify_sms_url,
            Channel.SIGNAL: self.notify_signal_url,
        }
        return {channel: url for channel, url in named.items() if url is not None}


class TextSettings(BaseSettings):
    """How conversations by text message are held."""

    model_config = _CONFIG

    texts_person: Annotated[str | None, Field(pattern=r"^\+?[0-9 ()-]{3,40}$")] = None
    texts_expire_hours: Annotated[int, Field(ge=1, le=720)] = 24

    @property
    def texting(self) -> Texting:
        """What conversations are held by."""
        return Texting(self.texts_person, timedelta(hours=self.texts_expire_hours))


class VerifySettings(BaseSettings):
    """How long a confirmation that an asset is as listed lasts."""

    model_config = _CONFIG

    verify_after_days: Annotated[int, Field(ge=30, le=3_650)] = 183


class DemoSettings(BaseSettings):
    """What the demonstration makes up, and the standard it measures coverage by."""

    model_config = _CONFIG

    pbf: Path | None = None
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    standard_min: Annotated[float, Field(gt=0, le=240, allow_inf_nan=False)] = 5.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of an installation.

    Parts that are not given are read from the environment, where each name begins with ``BARNRAISER_``, and from
    the file ``.env`` in the checkout.
    """

    home: HomeSettings = field(default_factory=HomeSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    rates: RateSettings = field(default_factory=RateSettings)
    demo: DemoSettings = field(default_factory=DemoSettings)
    remote: RemoteSettings = field(default_factory=RemoteSettings)
    travel: TravelSettings = field(default_factory=TravelSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    texts: TextSettings = field(default_factory=TextSettings)
    verify: VerifySettings = field(default_factory=VerifySettings)
    hooks: HookSettings = field(default_factory=HookSettings)
