"""Alembic's entry: runs the migrations on the connection handed over, or on ``-x url=...``."""

from __future__ import annotations

from alembic import context
from geoalchemy2 import alembic_helpers

from geo.store import (
    access_tables,
    agreement_tables,
    audit_tables,
    calendar_tables,
    catchment_tables,
    change_tables,
    coverage_tables,
    driver_round_tables,
    duplicate_tables,
    escalation_tables,
    form_tables,
    gazetteer_tables,
    import_tables,
    link_tables,
    listing_tables,
    match_tables,
    message_tables,
    outbox_tables,
    people_tables,
    release_tables,
    remote_tables,
    review_tables,
    suggest_tables,
    tables,
    texting_tables,
    tile_tables,
    turf_tables,
    view_tables,
)
from geo.store.engine import make_engine

METADATA = tables.need.metadata
# read, so that their tables are known too
MORE = (
    gazetteer_tables.geo_source,
    access_tables.person,
    agreement_tables.canary,
    audit_tables.audit,
    catchment_tables.catchment,
    change_tables.record_change,
    release_tables.release,
    people_tables.consent,
    outbox_tables.outbox,
    remote_tables.remote_service,
    review_tables.address_alias,
    suggest_tables.CROSSED,
    coverage_tables.coverage_day,
    calendar_tables.activity,
    match_tables.match_event,
    driver_round_tables.driver_round,
    message_tables.message,
    turf_tables.turf,
    link_tables.link,
    listing_tables.listing,
    escalation_tables.escalation,
    texting_tables.text_hook,
    duplicate_tables.need_pair,
    form_tables.form,
    import_tables.import_file,
    tile_tables.tile_cell,
    view_tables.saved_view,
)
OURS = {None, "public", "restricted", "access"}


def include_name(name: str | None, type_: str, _parents: object) -> bool:
    """Look at our own schemas only (PostGIS may bring topology and tiger)."""
    return name in OURS if type_ == "schema" else True


def run_migrations() -> None:
    """Run on the given connection within its transaction."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        engine = make_engine(context.get_x_argument(as_dictionary=True)["url"], statement_timeout_s=600)
        with engine.begin() as opened:
            configure_and_run(opened)
    else:
        configure_and_run(connection)


def configure_and_run(connection: object) -> None:
    """Configure Alembic for our schemas and GeoAlchemy2's types, then migrate."""
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=METADATA,
        include_schemas=True,
        include_name=include_name,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run_migrations()
