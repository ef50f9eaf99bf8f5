"""Entries: by which way they came, what is refused and why, photos of their own term. Matches that are taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

SCHEMA = "restricted"
ENTRY = "restricted.submission"
STATES = "'received', 'quarantined', 'held', 'made', 'refused', 'discarded'"
OLD_STATES = "'received', 'quarantined', 'held', 'made', 'discarded'"
CHANNELS = "'door', 'hotline', 'text', 'form_app', 'import'"
REFUSALS = (
    "'sent_twice', 'trying_out', 'not_for_us', 'not_wanted', 'not_true', 'unreadable', 'other', 'nobody_decided'"
)
OLD_STATUSES = "'proposed', 'accepted', 'declined', 'under_way', 'done', 'failed', 'expired'"
STATUSES = f"{OLD_STATUSES}, 'withdrawn'"
WITH_STATUS = (("match", "status"), ("match_event", "from_status"), ("match_event", "to_status"))

# A need may be deleted or erased, and its matches go with it by themselves: what they took of a helper's week is free
# again at once. As a trigger, since rows also go with what they refer to.
LIGHTEN = """
CREATE FUNCTION restricted.lighten_load() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE public.helper SET load = greatest(load - 1, 0) WHERE id = OLD.helper_id;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    _add_columns()
    _sort_out()
    op.drop_constraint(op.f('ck_submission_state_known'), 'submission', schema=SCHEMA)
    op.create_check_constraint(op.f('ck_submission_state_known'), 'submission', f"state IN ({STATES})", schema=SCHEMA)
    _add_rules()
    op.create_index('ix_submission_received', 'submission', ['network_id', 'received_at', 'id'], schema=SCHEMA)
    op.create_index('ix_submission_photo', 'submission', ['network_id', 'received_at'], schema=SCHEMA,
                    postgresql_where=sa.text("has_photo"))
    _widen_reasons()
    _set_statuses(STATUSES)
    # what was dropped frees its key, so that the same can be said after all
    op.execute("GRANT UPDATE (key) ON restricted.message TO barnraiser_app")
    op.execute(LIGHTEN)
    op.execute("REVOKE ALL ON FUNCTION restricted.lighten_load() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER lighten_load AFTER DELETE ON match FOR EACH ROW WHEN (OLD.is_counted) "
        "EXECUTE FUNCTION restricted.lighten_load()"
    )


def _add_columns() -> None:
    for column in (
        sa.Column('channel', sa.Text(), nullable=False, server_default='door'),
        sa.Column('form', sa.Integer(), nullable=True),
        sa.Column('accuracy_m', sa.Double(), nullable=True),
        sa.Column('has_photo', sa.Boolean(), nullable=False, server_default=sa.text('false')),
        sa.Column('photo_hidden_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('state_before', sa.Text(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('refused_because', sa.Text(), nullable=True),
    ):
        op.add_column('submission', column, schema=SCHEMA)


def _add_rules() -> None:
    for name, rule in (
        ("channel_known", f"channel IN ({CHANNELS})"),
        ("form_range", "form BETWEEN 1 AND 1000"),
        ("accuracy_m_range", "accuracy_m BETWEEN 0 AND 10000000"),
        ("state_before_known", f"state_before IN ({STATES})"),
        ("refused_because_known", f"refused_because IN ({REFUSALS})"),
        ("refused_with_a_reason", "state <> 'refused' OR (refused_because IS NOT NULL AND decided_at IS NOT NULL)"),
    ):
        op.create_check_constraint(op.f(f'ck_submission_{name}'), 'submission', rule, schema=SCHEMA)


def _sort_out() -> None:
    """Tell of older entries what can be told without opening them."""
    op.execute(f"ALTER TABLE {ENTRY} NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE restricted.text_conversation NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE restricted.submission s SET channel = 'text' FROM restricted.text_conversation c "
        "WHERE c.id = s.id AND c.network_id = s.network_id"
    )
    # no photo is so small, and no text alone so large but a long note: where there is none, the next round finds so
    op.execute(
        "UPDATE restricted.submission SET has_photo = true "
        "WHERE state IN ('made', 'held') AND octet_length(sealed) > 8000"
    )
    op.execute("ALTER TABLE restricted.text_conversation FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {ENTRY} FORCE ROW LEVEL SECURITY")


def _widen_reasons() -> None:
    """Keep why somebody looked at a helper's contact or an entry, too, as long as what they looked at is there."""
    op.alter_column('reveal_reason', 'need_id', nullable=True, schema=SCHEMA)
    for column, of in (("helper_id", "helper"), ("entry_id", ENTRY)):
        op.add_column('reveal_reason', sa.Column(column, sa.Uuid(), nullable=True), schema=SCHEMA)
        schema, _, table = of.rpartition(".")
        op.create_foreign_key(op.f(f'fk_reveal_reason_{column}'), 'reveal_reason', table, [column], ['id'],
                              source_schema=SCHEMA, referent_schema=schema or None, ondelete='CASCADE')
        op.create_index(f'ix_reveal_reason_{column}', 'reveal_reason', [column], schema=SCHEMA)
    op.create_check_constraint(op.f('ck_reveal_reason_one_object'), 'reveal_reason',
                               "num_nonnulls(need_id, helper_id, entry_id) = 1", schema=SCHEMA)


def _set_statuses(words: str) -> None:
    for table, column in WITH_STATUS:
        name = op.f(f'ck_{table}_{column}_known')
        op.drop_constraint(name, table)
        op.create_check_constraint(name, table, f"{column} IN ({words})")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (key) ON restricted.message FROM barnraiser_app")
    op.execute("DROP TRIGGER lighten_load ON match")
    op.execute("DROP FUNCTION restricted.lighten_load()")
    for table in ("match", "match_event", "restricted.reveal_reason", ENTRY):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE match SET status = 'declined', reason = 'other' WHERE status = 'withdrawn'")
    op.execute("UPDATE match_event SET to_status = 'declined', reason = 'other' WHERE to_status = 'withdrawn'")
    op.execute("UPDATE match_event SET from_status = 'declined' WHERE from_status = 'withdrawn'")
    op.execute("DELETE FROM restricted.reveal_reason WHERE need_id IS NULL")
    # the older form keeps nothing of what is refused
    op.execute(
        "UPDATE restricted.submission SET state = 'discarded', sealed = NULL, key_id = NULL WHERE state = 'refused'"
    )
    for table in ("match", "match_event", "restricted.reveal_reason", ENTRY):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    _set_statuses(OLD_STATUSES)
    op.drop_constraint(op.f('ck_reveal_reason_one_object'), 'reveal_reason', schema=SCHEMA)
    for column in ("entry_id", "helper_id"):
        op.drop_column('reveal_reason', column, schema=SCHEMA)
    op.alter_column('reveal_reason', 'need_id', nullable=False, schema=SCHEMA)
    op.drop_index('ix_submission_photo', 'submission', schema=SCHEMA)
    op.drop_index('ix_submission_received', 'submission', schema=SCHEMA)
    op.drop_constraint(op.f('ck_submission_refused_with_a_reason'), 'submission', schema=SCHEMA)
    for column in ("refused_because", "decided_at", "state_before", "photo_hidden_at", "has_photo", "accuracy_m",
                   "form", "channel"):
        op.drop_column('submission', column, schema=SCHEMA)
    op.drop_constraint(op.f('ck_submission_state_known'), 'submission', schema=SCHEMA)
    op.create_check_constraint(op.f('ck_submission_state_known'), 'submission', f"state IN ({OLD_STATES})",
                               schema=SCHEMA)
