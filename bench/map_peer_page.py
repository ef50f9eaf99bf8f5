"""A Streamlit page of another way to draw points, as its own pages show it: ``?way=…&size=…``."""

from __future__ import annotations

import os
from pathlib import Path

import folium
import numpy as np
import pandas as pd
import pydeck  # type: ignore[import-untyped]  # it has no types
import streamlit as st
from folium.plugins import FastMarkerCluster, MarkerCluster
from streamlit_folium import st_folium

HEIGHT = 640
FOLDER = Path(os.environ["BENCH_POINTS"])

st.set_page_config(layout="wide")
way, size = st.query_params["way"], int(st.query_params.get("size", "0"))
points = np.load(FOLDER / "points.npy")[:size]
middle = np.load(FOLDER / "points.npy").mean(axis=0)
if way == "pydeck":
    frame = pd.DataFrame(points, columns=["lon", "lat"])
    layer = pydeck.Layer("ScatterplotLayer", frame, get_position="[lon, lat]", get_radius=30, pickable=True)
    view = pydeck.ViewState(longitude=middle[0], latitude=middle[1], zoom=10)
    st.pydeck_chart(pydeck.Deck([layer], initial_view_state=view, map_style=None, map_provider=None), height=HEIGHT)
else:
    drawn = folium.Map((middle[1], middle[0]), tiles=None, zoom_start=10, minZoom=3, maxZoom=19)
    if way == "MarkerCluster":
        group = MarkerCluster().add_to(drawn)  # type: ignore[no-untyped-call]  # folium has none here
        for lon, lat in points.tolist():
            folium.Marker((lat, lon)).add_to(group)
    elif way == "FastMarkerCluster":
        FastMarkerCluster(points[:, ::-1].tolist()).add_to(drawn)  # type: ignore[no-untyped-call]  # nor here
    st_folium(drawn, key="peer", height=HEIGHT, use_container_width=True, returned_objects=[])
