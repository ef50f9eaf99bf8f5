"""The tables of who may come in: people, devices, agreements and the keyed hashes of what they carry.

They have a schema of their own. The role of requests reads them without any secret column; only the role that
authenticates sees those, and it sees nothing else.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from geo.domain import principals, referrals, words
from geo.store.columns import CURRENT_ACTOR, each_of, finite, length, metadata, network_column, one_of, pk

ACCESS = "access"


def _made() -> list[Column[object]]:
    return [
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("created_by", Uuid, server_default=CURRENT_ACTOR),
    ]


def _owner(table: str) -> Column[object]:
    return Column(f"{table}_id", Uuid, ForeignKey(f"{ACCESS}.{table}.id", ondelete="CASCADE"))


person = Table(
    "person",
    metadata,
    pk(),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    Column("totp_sealed", LargeBinary),
    Column("totp_step", BigInteger),
    Column("language", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("disabled_at", DateTime(timezone=True)),
    length("login", 100),
    length("name", 100),
    length("password_hash", 300),
    CheckConstraint("language ~ '^[a-z]{2,3}$'", name="language"),
    schema=ACCESS,
)

membership = Table(
    "membership",
    metadata,
    network_column(),
    Column("person_id", Uuid, ForeignKey(f"{ACCESS}.person.id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False, server_default="organizer"),
    *_made(),
    Column("ended_at", DateTime(timezone=True)),
    # their own memory of when they last looked at the first page, in this visit and in the one before
    Column("seen_at", DateTime(timezone=True)),
    Column("seen_before_at", DateTime(timezone=True)),
    one_of("role", principals.NetworkRole),
    PrimaryKeyConstraint("network_id", "person_id"),
    Index("ix_membership_person", "person_id"),
    schema=ACCESS,
)

device = Table(
    "device",
    metadata,
    pk(),
    network_column(),
    Column("label", Text, nullable=False),
    *_made(),
    Column("enrolled_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    length("label", 100),
    UniqueConstraint("network_id", "id"),
    schema=ACCESS,
)

agreement = Table(
    "agreement",
    metadata,
    pk(),
    network_column(),
    Column("name", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("cells", ARRAY(Text), nullable=False),
    Column("reach", ARRAY(Text), nullable=False),
    Column("categories", ARRAY(Text), nullable=False),
    Column("fields", ARRAY(Text), nullable=False, server_default="{}"),
    Column("purpose", Text, nullable=False),
    # whose services needs are referred to
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="SET NULL")),
    Column("quota_per_day", Integer, nullable=False, server_default="10000"),
    # whether a few needs in its feed are made up; its sheet says so
    Column("is_marked", Boolean, nullable=False, server_default=text("false")),
    Column("version", Integer, nullable=False, server_default="1"),
    *_made(),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    one_of("tier", principals.Tier),
    each_of("categories", words.Category),
    CheckConstraint("cardinality(cells) BETWEEN 1 AND 20000", name="cells_bounded"),
    CheckConstraint("cells <@ reach AND cardinality(reach) <= 150000", name="reach_bounded"),
    CheckConstraint("cardinality(categories) BETWEEN 1 AND 10", name="categories_bounded"),
    CheckConstraint("cardinality(fields) <= 20", name="fields_bounded"),
    CheckConstraint("NOT is_marked OR tier <> 'aggregate'", name="marks_single_needs"),
    length("name", 100),
    length("purpose", 500),
    finite("quota_per_day", 1, 1000000),
    UniqueConstraint("network_id", "name"),
    Index("ix_agreement_organization", "organization_id"),
    schema=ACCESS,
)

quota_use = Table(
    "quota_use",
    metadata,
    network_column(),
    Column("agreement_id", Uuid, ForeignKey(f"{ACCESS}.agreement.id", ondelete="CASCADE"), nullable=False),
    Column("day", Integer, nullable=False),
    Column("used", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("network_id", "agreement_id", "day"),
    schema=ACCESS,
)

credential = Table(
    "credential",
    metadata,
    pk(),
    network_column(),
    Column("kind", Text, nullable=False),
    Column("kid", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    _owner("person"),
    _owner("device"),
    _owner("agreement"),
    *_made(),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True)),
    Column("fresh_at", DateTime(timezone=True)),
    Column("used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    one_of("kind", principals.CredentialKind),
    length("label", 100),
    CheckConstraint("octet_length(fingerprint) = 32", name="fingerprint_form"),
    CheckConstraint(
        "CASE kind WHEN 'device' THEN device_id IS NOT NULL WHEN 'enrolment' THEN device_id IS NOT NULL "
        "WHEN 'partner' THEN agreement_id IS NOT NULL WHEN 'monitor' THEN num_nonnulls(person_id, device_id) = 0 "
        "ELSE person_id IS NOT NULL END AND num_nonnulls(person_id, device_id, agreement_id) <= 1",
        name="owner_fits",
    ),
    CheckConstraint("kind <> 'partner' OR expires_at <= created_at + interval '90 days 1 minute'", name="partner_ends"),
    UniqueConstraint("network_id", "kid"),
    Index("uq_credential_fingerprint", "network_id", "fingerprint", unique=True),
    Index("ix_credential_fingerprint", "fingerprint"),
    Index("ix_credential_person", "person_id"),
    Index("ix_credential_device", "device_id"),
    Index("ix_credential_agreement", "agreement_id"),
    schema=ACCESS,
)

referral = Table(
    "referral",
    metadata,
    pk(),
    network_column(),
    Column("need_id", Uuid, ForeignKey("need.id", ondelete="CASCADE"), nullable=False),
    Column("agreement_id", Uuid, ForeignKey(f"{ACCESS}.agreement.id", ondelete="CASCADE"), nullable=False),
    # the partner's service; what it referred to stays known when the service is gone
    Column("asset_id", Uuid, ForeignKey("asset.id", ondelete="SET NULL")),
    *_made(),
    Column("consent_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("reason", Text),
    Column("answered_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("reminded_at", DateTime(timezone=True)),
    one_of("state", referrals.ReferralState),
    one_of("reason", referrals.ReferralReason),
    CheckConstraint("(state IN ('waiting', 'accepted')) = (ended_at IS NULL)", name="state_fits_end"),
    CheckConstraint("(state = 'declined') = (reason IS NOT NULL)", name="reason_of_declining"),
    Index(
        "uq_referral_running",
        "network_id",
        "need_id",
        "agreement_id",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_referral_need", "need_id", "agreement_id"),
    Index("ix_referral_agreement", "agreement_id", "need_id"),
    Index("ix_referral_asset", "asset_id"),
    Index("ix_referral_ending", "network_id", "expires_at", postgresql_where=text("ended_at IS NULL")),
    schema=ACCESS,
)

referral_event = Table(
    "referral_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    network_column(),
    Column("referral_id", Uuid, ForeignKey(f"{ACCESS}.referral.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # nobody, where it ran out by itself
    Column("actor", Uuid, server_default=CURRENT_ACTOR),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("reason", Text),
    # how the need stood before, so that it can stand so again
    Column("need_before", Text),
    Column("is_undo", Boolean, nullable=False, server_default=text("false")),
    one_of("from_state", referrals.ReferralState),
    one_of("to_state", referrals.ReferralState),
    one_of("reason", referrals.ReferralReason),
    one_of("need_before", words.NeedStatus),
    Index("ix_referral_event_referral", "referral_id", "id"),
    schema=ACCESS,
)
