"""Sealed entries of phones: what state each is in, room for a photo, and quarantine for phones that were ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

DEVICE = "barnraiser_device"

# A phone sees its own entries alone, and yet must be told that an entry came by another way: by a rescue file, or from
# the phone whose backup it carries. Whoever asks must know the hash of all that the entry holds.
KNOWS = """
CREATE FUNCTION restricted.knows_entry(wanted uuid, hash bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM restricted.submission s
    WHERE s.id = wanted AND s.body_hash = hash AND s.network_id = public.current_network()
  )
$$
"""


def upgrade() -> None:
    op.add_column('submission', sa.Column('state', sa.Text(), nullable=False, server_default='made'), schema='restricted')
    op.create_check_constraint(op.f('ck_submission_state_known'), 'submission',
                               "state IN ('received', 'quarantined', 'held', 'made', 'discarded')", schema='restricted')
    op.drop_constraint(op.f('ck_submission_sealed_length'), 'submission', schema='restricted')
    op.create_check_constraint(op.f('ck_submission_sealed_length'), 'submission', 'octet_length(sealed) <= 2000000',
                               schema='restricted')
    op.create_index('ix_submission_state', 'submission', ['network_id', 'state', 'id'], schema='restricted')
    op.create_index('ix_submission_waiting', 'submission', ['network_id', 'received_at', 'id'], schema='restricted',
                    postgresql_where=sa.text("state = 'received'"))
    op.execute(KNOWS)
    op.execute("REVOKE EXECUTE ON FUNCTION restricted.knows_entry(uuid, bytea) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION restricted.knows_entry(uuid, bytea) TO {DEVICE}, barnraiser_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION restricted.knows_entry(uuid, bytea)")
    op.drop_index('ix_submission_waiting', 'submission', schema='restricted')
    op.drop_index('ix_submission_state', 'submission', schema='restricted')
    # entries that are no records yet, and photos, have no place in the older form
    op.execute("ALTER TABLE restricted.submission NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM restricted.submission WHERE state <> 'made' OR octet_length(sealed) > 200000")
    op.execute("ALTER TABLE restricted.submission FORCE ROW LEVEL SECURITY")
    op.drop_constraint(op.f('ck_submission_sealed_length'), 'submission', schema='restricted')
    op.create_check_constraint(op.f('ck_submission_sealed_length'), 'submission', 'octet_length(sealed) <= 200000',
                               schema='restricted')
    op.drop_column('submission', 'state', schema='restricted')
