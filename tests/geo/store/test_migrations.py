from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
