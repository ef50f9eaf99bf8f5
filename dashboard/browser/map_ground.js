// Where things are: rings of GeoJSON as Leaflet takes them, and whether a cell is in the part of town asked about.
window.barnraiserGround = function () {
  "use strict";
  let rings = null;

  function ring(feature) {
    return feature.geometry.coordinates[0].map((pair) => [pair[1], pair[0]]);
  }

  function middle(points) {
    const open = points.slice(0, -1);
    return [0, 1].map((axis) => open.reduce((sum, point) => sum + point[axis], 0) / open.length);
  }

  function insideRing(lat, lon, corners) {
    let inside = false;
    for (let i = 0, j = corners.length - 1; i < corners.length; j = i, i += 1) {
      const a = corners[i];
      const b = corners[j];
      if (a[1] > lat !== b[1] > lat && lon < ((b[0] - a[0]) * (lat - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
    }
    return inside;
  }

  function inArea(feature) {
    if (!rings) return true;
    const centre = middle(ring(feature));
    return rings.some((polygon) => insideRing(centre[0], centre[1], polygon[0]) && !polygon.slice(1).some((hole) => insideRing(centre[0], centre[1], hole)));
  }

  function keep(geometry) {
    rings = !geometry ? null : geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  }

  return { ring, middle, inArea, keep };
};
