"""The public release: its rules, its weekly files, and the cell a household is known by outside."""

from __future__ import annotations

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

ROLE = "barnraiser_app"
TABLES = ("privacy_rule", "release", "release_cell")
CURRENT_NETWORK = sa.text("current_network()")
KINDS = "kind IN ('food', 'water', 'hygiene', 'transport', 'home')"

AS_AGREED = """
ALTER POLICY as_agreed ON need USING (NOT withheld AND EXISTS (
  SELECT 1 FROM access.agreement a
  WHERE a.id = current_actor() AND a.ended_at IS NULL AND a.expires_at > now()
    AND a.tier <> 'aggregate' AND need.{cell} = ANY (a.reach) AND need.category = ANY (a.categories)
))
"""


def upgrade() -> None:
    op.add_column("need", sa.Column("public_cell", sa.Text()))
    op.create_check_constraint("public_cell_form", "need", "public_cell ~ '^8[0-9a-f]{14}$'")
    op.execute("UPDATE need SET public_cell = cell WHERE cell IS NOT NULL")
    op.create_table(
        "privacy_rule",
        sa.Column("network_id", sa.Uuid(), server_default=CURRENT_NETWORK, nullable=False),
        sa.Column("resolution", sa.Integer(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("min_dwellings", sa.Integer(), nullable=False),
        sa.Column("max_share", sa.Double(), nullable=False),
        sa.Column("freeze_h", sa.Integer(), nullable=False),
        sa.Column("coarsen_after_days", sa.Integer(), nullable=False),
        sa.Column("contact_after_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("resolution BETWEEN 5 AND 9", name="resolution_range"),
        sa.CheckConstraint("k BETWEEN 5 AND 1000", name="k_range"),
        sa.CheckConstraint("min_dwellings BETWEEN 50 AND 1000000", name="min_dwellings_range"),
        sa.CheckConstraint("max_share BETWEEN 0 AND 0.2", name="max_share_range"),
        sa.CheckConstraint("freeze_h BETWEEN 72 AND 336", name="freeze_h_range"),
        sa.CheckConstraint("coarsen_after_days BETWEEN 0 AND 3650", name="coarsen_after_days_range"),
        sa.CheckConstraint("contact_after_days BETWEEN 0 AND 3650", name="contact_after_days_range"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("network_id"),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), server_default=CURRENT_NETWORK, nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Integer(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("week ~ '^[0-9]{4}-W[0-9]{2}$'", name="week_form"),
        sa.CheckConstraint("octet_length(content) <= 20000000", name="content_bounded"),
        sa.CheckConstraint("resolution BETWEEN 5 AND 9", name="resolution_range"),
        sa.CheckConstraint("k BETWEEN 5 AND 1000", name="k_range"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("network_id", "week"),
    )
    op.create_table(
        "release_cell",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("network_id", sa.Uuid(), server_default=CURRENT_NETWORK, nullable=False),
        sa.Column("band", sa.Text()),
        sa.CheckConstraint("cell ~ '^8[0-9a-f]{14}$'", name="cell_form"),
        sa.CheckConstraint(KINDS, name="kind_known"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "cell", "kind"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_network ON {table} "
            "USING (network_id = current_network()) WITH CHECK (network_id = current_network())"
        )
    # what was released is never changed; the rules are the operator's
    op.execute(f"GRANT SELECT ON privacy_rule TO {ROLE}")
    op.execute(f"GRANT SELECT, INSERT ON release, release_cell TO {ROLE}")
    op.execute("GRANT SELECT (public_cell) ON need TO barnraiser_partner")
    # the cell that stays when a position trembles decides, as it does in what the partner is given
    op.execute(AS_AGREED.format(cell="public_cell"))
    op.execute("GRANT SELECT ON release, release_cell TO barnraiser_partner")


def downgrade() -> None:
    op.execute(AS_AGREED.format(cell="cell"))
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_constraint("ck_need_public_cell_form", "need")
    op.drop_column("need", "public_cell")
