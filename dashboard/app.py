"""Where the dashboard starts: the pages, and nothing else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.views import about, map, review  # noqa: A004 - the page is called the map

st.set_page_config(page_title="Barnraiser", page_icon="🧺", layout="wide")
st.logo(Path(__file__).parent / "browser" / "wordmark.svg", size="large")
st.navigation(
    [
        st.Page(map.show, title="Map", url_path="map", icon=":material/map:", default=True),
        st.Page(review.show, title="Review queue", url_path="review", icon=":material/edit_location_alt:"),
        st.Page(about.show, title="About these figures", url_path="about", icon=":material/info:"),
    ],
    position="top",
).run()
