from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from geo.domain.texting.words import BY_CODE

from api.cli import app as cli

if TYPE_CHECKING:
    from sqlalchemy import Engine

TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - made up


def run(*words: str, said: str = "") -> Any:
    return CliRunner().invoke(cli, ["texts", *words], input=said)


@pytest.mark.own_db
@pytest.mark.usefixtures("installed")
def test_gateways_are_set_up_listed_and_ended() -> None:
    plain = json.loads(run("secret", "plain", "--label", "modem", "--json").stdout)
    assert plain["secret"].startswith("whsec_")
    assert plain["address"].endswith(f"/v1/texts?hook={plain['id']}")
    twilio = run("secret", "twilio", "--label", "ours", "--json", said=f"{TOKEN}\n")
    assert TOKEN not in twilio.output
    assert "/v1/texts/twilio?hook=" in json.loads(twilio.stdout)["address"]
    assert run("secret", "twilio", said="short\n").exit_code != 0
    listed = run("list")
    assert [line.split()[1:] for line in listed.stdout.splitlines()] == [["plain", "modem"], ["twilio", "ours"]]
    assert run("end", plain["id"]).stdout == "ended\n"
    gateways = json.loads(run("list", "--json").stdout)["gateways"]
    assert [bool(one["revoked_at"]) for one in gateways] == [True, False]
    assert run("end", str(uuid4())).exit_code != 0


@pytest.mark.own_db
def test_a_conversation_is_tried_out_and_nothing_is_stored(installed: Engine) -> None:
    lines = ["hello", "1", "food", "2", "Main Street 1", "1", "1", "1", "STOP", "PERSON"]
    done = run("simulate", said="\n".join(lines))
    english = BY_CODE["en"]
    assert done.exit_code == 0, done.output
    for phrase in (english.ask_people, english.done, english.stopped, english.handed_over):
        assert phrase in done.stdout
    assert "a need would be made: food, household of 2, Main Street 1" in done.stderr
    with installed.connect() as connection:
        for table in ("need", "restricted.text_conversation", "restricted.text_stop"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0  # noqa: S608 - names above
    assert english.ask_category not in run("simulate", "--language", "fi", said="moi").stdout
