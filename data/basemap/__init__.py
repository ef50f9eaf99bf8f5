"""The base map: streets, water, green, buildings and names of an extract in one file of vector tiles."""

from data.basemap.tiles import build_basemap

__all__ = ["build_basemap"]
