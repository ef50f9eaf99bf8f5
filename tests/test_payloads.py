"""The texts that try to be run do run where a program is careless: otherwise nothing is shown by their not running."""

from __future__ import annotations

import warnings

import folium
import pytest
from jinja2 import Environment, TemplateSyntaxError

from tests.payloads import ALL, RUN, SCRIPTS, SINKS, TEMPLATES


def test_there_are_sixty_and_twenty_and_none_twice() -> None:
    assert (len(SCRIPTS), len(TEMPLATES), len(set(ALL))) == (60, 20, 80)
    assert {one.sink for one in SCRIPTS} == set(SINKS)
    assert not any(RUN in text for text in ALL)


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_template_runs_where_folium_is_handed_it(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawn = folium.Map(tiles=None)
        try:
            folium.Marker((60, 24), tooltip=text).add_to(drawn)
            assert RUN in drawn.get_root().render()
        except TemplateSyntaxError:
            with pytest.raises(TemplateSyntaxError):
                Environment(autoescape=True).from_string(text)
