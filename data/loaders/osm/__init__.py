"""OpenStreetMap: a real city from one file, offline."""

from data.loaders.osm.extract import ATTRIBUTION, LICENCE, bundled_extract
from data.loaders.osm.load import load_osm

__all__ = ["ATTRIBUTION", "LICENCE", "bundled_extract", "load_osm"]
