"""The one place that reprojects.

Degrees are not distances: at 60 degrees north a degree of longitude is half as long as one of latitude, so
anything sorted or buffered in degrees is wrong. Arrays are therefore moved into a local metric system first.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from pyproj import CRS, Geod, Transformer
from shapely import transform
from shapely.geometry import Polygon

from geo.errors import InvalidGeometry, UnsupportedCrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

WGS84 = CRS.from_epsg(4326)
LON_LAT = CRS.from_user_input("OGC:CRS84")
"""WGS 84 with longitude first, as GeoJSON and our files have it."""
WEB_MERCATOR = CRS.from_epsg(3857)
"""What tiles of maps are cut in. Its metres are none: it is read, and never measured in."""
GEOD = Geod(ellps="WGS84")
MAX_SPAN_DEG = 6.0
"""Widest area one local system serves; beyond it the scale error passes 0.2 %."""
SPHERE_M = 6_371_008.771415
"""The mean radius of WGS 84, which PostGIS takes for its sphere."""
SPHERE_SLACK = 0.994
"""The ellipsoid's distance is never below this share of the sphere's: its least radius of curvature is 6,335,439 m."""
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
"""WGS 84, longitude first, by the name the Open Geospatial Consortium gave it."""
EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
"""What comes before the number of a system in the register of EPSG, in its name."""
_ZONE_DEG = 6
_UTM_NORTH, _UTM_SOUTH = 32600, 32700
_EDGE_POINTS = 21
_ROUND_DEG = 0.5
_POLAR_DEG = 84.0


@lru_cache(maxsize=64)
def _local_crs(lon_0: float, lat_0: float) -> CRS:
    return CRS.from_proj4(
        f"+proj=tmerc +lat_0={lat_0} +lon_0={lon_0} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
    )


def metric_crs(lon: ArrayLike, lat: ArrayLike) -> CRS:
    """Choose a metric system for an area.

    A transverse Mercator (Snyder 1987, USGS Professional Paper 1395) with unit scale on a central meridian
    through the area, so that plane distances are true metres: the relative error is ``(x / R)**2 / 2``, which
    is below 4e-5 within 50 km of the meridian. The centre is rounded to half a degree so that the same
    neighbourhood always gets the same system.

    Parameters
    ----------
    lon, lat
        WGS 84 degrees, any shape, at least one point.

    Returns
    -------
    pyproj.CRS
        A projected system in metres.

    Raises
    ------
    InvalidGeometry
        If a coordinate is not finite, there is none, or the area is wider than ``MAX_SPAN_DEG``.
    UnsupportedCrs
        If the area is nearer than six degrees to a pole.
    """
    lon_a, lat_a = np.asarray(lon, dtype=float).ravel(), np.asarray(lat, dtype=float).ravel()
    if lon_a.size == 0 or not (np.isfinite(lon_a).all() and np.isfinite(lat_a).all()):
        msg = "coordinates must be finite, and at least one is needed"
        raise InvalidGeometry(msg)
    if np.ptp(lon_a) > MAX_SPAN_DEG or np.ptp(lat_a) > MAX_SPAN_DEG:
        msg = f"the area is wider than {MAX_SPAN_DEG:g} degrees; split it"
        raise InvalidGeometry(msg)
    lon_0 = round((lon_a.min() + lon_a.max()) / 2 / _ROUND_DEG) * _ROUND_DEG
    lat_0 = round((lat_a.min() + lat_a.max()) / 2 / _ROUND_DEG) * _ROUND_DEG
    if abs(lat_0) > _POLAR_DEG:
        msg = "no metric system is offered this near a pole"
        raise UnsupportedCrs(msg)
    return _local_crs(lon_0, lat_0)


@lru_cache(maxsize=128)
def _transformer(source: CRS, target: CRS) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_metres(lon: ArrayLike, lat: ArrayLike, crs: CRS) -> NDArray[np.float64]:
    """Project WGS 84 degrees into a metric system.

    Parameters
    ----------
    lon, lat
        Degrees, shape ``(n,)``.
    crs
        A projected system in metres, usually from :func:`metric_crs`.

    Returns
    -------
    numpy.ndarray
        Shape ``(n, 2)``: x and y in metres.
    """
    x, y = _transformer(WGS84, crs).transform(np.asarray(lon, float), np.asarray(lat, float))
    return np.column_stack([np.atleast_1d(x), np.atleast_1d(y)])


def shapes_to_metres(shapes: NDArray[np.object_], crs: CRS) -> NDArray[np.object_]:
    """Project shapes (WGS 84, any array of them, nothing stays nothing) into a metric system, corner by corner."""
    moved: NDArray[np.object_] = transform(shapes, lambda corners: to_metres(corners[:, 0], corners[:, 1], crs))
    return moved


def to_degrees(xy: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Take metric coordinates back to WGS 84.

    Parameters
    ----------
    xy
        Shape ``(n, 2)``, metres.
    crs
        The system they are in.

    Returns
    -------
    numpy.ndarray
        Shape ``(n, 2)``: longitude and latitude in degrees.
    """
    lon, lat = _transformer(crs, WGS84).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def shapes_to_degrees(shapes: NDArray[np.object_], crs: CRS) -> NDArray[np.object_]:
    """Take shapes of a system back to WGS 84, corner by corner."""
    moved: NDArray[np.object_] = transform(shapes, lambda corners: to_degrees(corners, crs))
    return moved


def geodesic_m(lon_a: ArrayLike, lat_a: ArrayLike, lon_b: ArrayLike, lat_b: ArrayLike) -> NDArray[np.float64]:
    """Measure true distances on the WGS 84 ellipsoid (Karney 2013, doi:10.1007/s00190-012-0578-z).

    Parameters
    ----------
    lon_a, lat_a, lon_b, lat_b
        Degrees; broadcast against each other.

    Returns
    -------
    numpy.ndarray
        Metres, in the broadcast shape.
    """
    arrays = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (lon_a, lat_a, lon_b, lat_b)))
    lons_a, lats_a, lons_b, lats_b = (np.ascontiguousarray(a) for a in arrays)
    _, _, metres = GEOD.inv(lons_a, lats_a, lons_b, lats_b)
    return np.asarray(metres, dtype=float).reshape(arrays[0].shape)


def circle_around(lon: float, lat: float, radius_m: float, *, corners: int = 96) -> Polygon:
    """Draw the circle of a radius around a point, on the ellipsoid.

    Parameters
    ----------
    lon, lat
        Degrees; so far from a pole and from the date line that the circle does not meet them.
    radius_m
        Metres, above zero.
    corners
        How many; the circle through them is undercut by ``1 - cos(pi / corners)``, 0.05 % for 96.

    Returns
    -------
    shapely.Polygon
        WGS 84.
    """
    azimuth = np.linspace(0.0, 360.0, corners, endpoint=False)
    around = np.full(corners, 1.0)
    lons, lats, _ = GEOD.fwd(around * lon, around * lat, azimuth, around * radius_m)
    return Polygon(np.column_stack([lons, lats]))


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Tell how long a degree is at a latitude on the WGS 84 ellipsoid.

    Parameters
    ----------
    lat
        Degrees.

    Returns
    -------
    tuple of float
        Metres along the parallel and along the meridian: the first terms of their series (Snyder 1987, p. 24), right
        within one part in ten thousand.
    """
    phi = math.radians(lat)
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi)
    north = 111_132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    return east, north


def near_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Measure between two points that are near each other, quickly.

    Parameters
    ----------
    lon_a, lat_a, lon_b, lat_b
        Degrees.

    Returns
    -------
    float
        Metres; within a thousandth of the truth up to ten kilometres, below 75 degrees of latitude. For longer ways
        use :func:`geodesic_m`.
    """
    east, north = metres_per_degree((lat_a + lat_b) / 2)
    return math.hypot((lon_b - lon_a) * east, (lat_b - lat_a) * north)


def on_unit_sphere(lonlat: ArrayLike) -> NDArray[np.float64]:
    """Put places on the unit sphere; the straight line between two orders as their distance on the sphere does.

    Parameters
    ----------
    lonlat
        Shape ``(n, 2)``: degrees, WGS 84; the date line and the poles are places like others.

    Returns
    -------
    numpy.ndarray
        Shape ``(n, 3)``; an angle ``a`` apart the straight line is ``2 sin(a / 2)`` long, and ``a`` times
        ``SPHERE_M`` are metres on the sphere.
    """
    lon, lat = np.radians(np.asarray(lonlat, dtype=float).reshape(-1, 2)).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def list_offered(box: Sequence[float] | None) -> tuple[str, ...]:
    """List the systems in which places of an area can be given, by their names.

    Parameters
    ----------
    box
        West, south, east, north of the area in degrees; none is known when left out.

    Returns
    -------
    tuple of str
        WGS 84 with longitude first, WGS 84 with latitude first (EPSG:4326), the sphere of web maps (EPSG:3857), and
        the zone of UTM in which the middle of the area lies: metres true within 0.04 % (Snyder 1987, p. 48).
    """
    plain = (CRS84, f"{EPSG}4326", f"{EPSG}3857")
    if box is None:
        return plain
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    zone = min(int((lon + 180) // _ZONE_DEG), 59) + 1
    return (*plain, f"{EPSG}{(_UTM_NORTH if lat >= 0 else _UTM_SOUTH) + zone}")


@lru_cache(maxsize=64)
def _named(name: str) -> CRS:
    if name == CRS84:
        return LON_LAT
    number = name.removeprefix(EPSG)
    if name == number or not number.isdigit():
        raise UnsupportedCrs
    return CRS.from_epsg(int(number))


@lru_cache(maxsize=64)
def _between(source: str, target: str) -> Transformer:
    # the order of the axes is the one the register names, as readers of these names expect
    return Transformer.from_crs(_named(source), _named(target))


def is_metric(name: str) -> bool:
    """Tell whether a system is in metres."""
    return _named(name).is_projected


def move_shape(shape: BaseGeometry, source: str, target: str) -> BaseGeometry:
    """Take a shape from one named system into another, corner by corner, each with its axes in their own order.

    Raises
    ------
    InvalidGeometry
        If a corner has no place in the other system.
    """
    if source == target:
        return shape
    moved = transform(shape, lambda xy: np.column_stack(_between(source, target).transform(xy[:, 0], xy[:, 1])))
    if not np.isfinite(moved.bounds).all() and not moved.is_empty:
        raise InvalidGeometry("a coordinate lies outside its system")
    return moved


def box_to_degrees(box: Sequence[float], source: str) -> tuple[float, float, float, float]:
    """Draw the box in degrees, longitude first, that holds a box of another system.

    Parameters
    ----------
    box
        Least first axis, least second, most first, most second, in the order of the system's axes.

    Raises
    ------
    InvalidGeometry
        If it has no place in degrees.
    """
    least_x, least_y, most_x, most_y = box
    moved = _between(source, CRS84).transform_bounds(least_x, least_y, most_x, most_y, densify_pts=_EDGE_POINTS)
    west, south, east, north = moved
    if not all(map(math.isfinite, (west, south, east, north))):
        raise InvalidGeometry("the box lies outside its system", field="bbox")
    return west, south, east, north
