"""The calendar: activities, their shifts, who signed up, what is to be remembered, and the feeds' hashes."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from geo.domain import calendar
from geo.store.columns import length, metadata, network_column, one_of, pk, stamps

ACCESS = "access"


def _of(table: str, *, gone: str = "SET NULL", required: bool = False) -> Column[object]:
    return Column(f"{table}_id", Uuid, ForeignKey(f"{table}.id", ondelete=gone), nullable=not required)


activity = Table(
    "activity",
    metadata,
    pk(),
    network_column(),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("roles", JSONB, nullable=False),
    _of("asset"),
    _of("area"),
    _of("organization"),
    Column("place", Text),
    Column("uid", Text),
    *stamps(),
    length("title", 200),
    length("kind", 60),
    length("schedule", 1000),
    length("time_zone", 100),
    length("place", 200),
    length("uid", 255),
    CheckConstraint("jsonb_typeof(roles) = 'object' AND octet_length(roles::text) <= 1000", name="roles_bounded"),
    UniqueConstraint("network_id", "uid"),
    Index("ix_activity_asset", "asset_id"),
    Index("ix_activity_area", "area_id"),
    Index("ix_activity_organization", "organization_id"),
)

shift = Table(
    "shift",
    metadata,
    pk(),
    network_column(),
    _of("activity", gone="CASCADE", required=True),
    Column("during", TSTZRANGE, nullable=False),
    Column("roles", JSONB, nullable=False),
    *stamps(),
    CheckConstraint("NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)", name="during_form"),
    CheckConstraint("NOT lower_inf(during) AND NOT upper_inf(during)", name="during_bounded"),
    CheckConstraint("jsonb_typeof(roles) = 'object' AND octet_length(roles::text) <= 1000", name="roles_bounded"),
    UniqueConstraint("activity_id", "during"),
    # what a promise refers to, so that its time is always the shift's
    UniqueConstraint("network_id", "id", "during"),
    Index("ix_shift_start", "network_id", text("lower(during)"), "id"),
)

sign_up = Table(
    "sign_up",
    metadata,
    pk(),
    network_column(),
    Column("shift_id", Uuid, nullable=False),
    _of("helper", gone="CASCADE", required=True),
    Column("during", TSTZRANGE, nullable=False),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="signed_up"),
    *stamps(),
    one_of("state", calendar.SignUpState),
    length("role", 40),
    ForeignKeyConstraint(
        ["network_id", "shift_id", "during"], ["shift.network_id", "shift.id", "shift.during"], ondelete="CASCADE",
        name="fk_sign_up_shift",
    ),
    ExcludeConstraint(
        ("network_id", "="), ("helper_id", "="), ("during", "&&"),
        name="no_double_booking", using="gist", where=text("state <> 'cancelled'"),
    ),
    Index("ix_sign_up_shift", "shift_id"),
    Index("ix_sign_up_helper", "helper_id"),
)  # fmt: skip

reminder = Table(
    "reminder",
    metadata,
    pk(),
    network_column(),
    _of("sign_up", gone="CASCADE", required=True),
    _of("shift", gone="CASCADE", required=True),
    _of("helper", gone="CASCADE", required=True),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("sent_at", DateTime(timezone=True)),
    UniqueConstraint("sign_up_id", "due_at"),
    Index("ix_reminder_due", "network_id", "due_at", "id", postgresql_where=text("sent_at IS NULL")),
    Index("ix_reminder_shift", "shift_id"),
    Index("ix_reminder_helper", "helper_id"),
)

calendar_feed = Table(
    "calendar_feed",
    metadata,
    pk(),
    network_column(),
    Column("kind", Text, nullable=False),
    _of("helper", gone="CASCADE"),
    _of("asset", gone="CASCADE"),
    Column("label", Text, nullable=False, server_default=""),
    Column("fingerprint", LargeBinary, nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revoked_at", DateTime(timezone=True)),
    one_of("kind", calendar.FeedKind),
    length("label", 100),
    CheckConstraint("octet_length(fingerprint) = 32", name="fingerprint_form"),
    CheckConstraint(
        "(helper_id IS NOT NULL) = (kind = 'helper') AND (asset_id IS NOT NULL) = (kind = 'asset')", name="whose"
    ),
    Index("ix_calendar_feed_network", "network_id", "id"),
    Index("ix_calendar_feed_helper", "helper_id"),
    Index("ix_calendar_feed_asset", "asset_id"),
    schema=ACCESS,
)
