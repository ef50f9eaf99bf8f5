from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text

import geo.store
from geo.store.migrate import check_drift, current_revision, downgrade, head_revision, migrate

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.mark.own_db
def test_migrations_equal_the_tables_and_go_down_and_up_again(own_db: Engine) -> None:
    check_drift(own_db)
    assert current_revision(own_db) == head_revision()
    downgrade(own_db, "base")
    assert current_revision(own_db) is None
    migrate(own_db)
    check_drift(own_db)


def test_the_newest_file_is_the_one_end_of_the_chain() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(geo.store.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [head_revision()]


@pytest.mark.own_db
def test_what_is_behind_is_brought_up_and_what_this_code_does_not_know_is_refused(own_db: Engine) -> None:
    downgrade(own_db, "-1")
    assert current_revision(own_db) != head_revision()
    migrate(own_db)
    assert current_revision(own_db) == head_revision()
    with own_db.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CommandError, match="9999"):
        migrate(own_db)
