"""A partner's reader of HSDS asks for what is near a postcode: the middles of postcodes are no secret of anybody."""

from __future__ import annotations

from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT SELECT ON geo_postcode TO barnraiser_partner")


def downgrade() -> None:
    op.execute("REVOKE SELECT ON geo_postcode FROM barnraiser_partner")
