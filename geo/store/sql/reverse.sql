-- reverse --
-- One point; ten lists for one point would take as long to plan as the answer to find.
SELECT 0, r.*
FROM reverse_at(
  %(lon)s::float8, %(lat)s::float8, %(seen_lon)s::float8, %(east_m)s::float8, %(north_m)s::float8,
  %(near_x)s::float8, %(near_y)s::float8, %(street_x)s::float8, %(street_y)s::float8,
  %(door_m)s::float8, %(crossing_m)s::float8, %(street_m)s::float8
) AS r

-- reverse_many --
-- One row for each point and each longitude it is looked for at; see the function.
SELECT w.position, r.*
FROM unnest(
  %(lon)s::float8[], %(lat)s::float8[], %(seen_lon)s::float8[], %(east_m)s::float8[], %(north_m)s::float8[],
  %(near_x)s::float8[], %(near_y)s::float8[], %(street_x)s::float8[], %(street_y)s::float8[], %(position)s::integer[]
) AS w(lon, lat, seen_lon, east_m, north_m, near_x, near_y, street_x, street_y, position)
CROSS JOIN LATERAL reverse_at(
  w.lon, w.lat, w.seen_lon, w.east_m, w.north_m, w.near_x, w.near_y, w.street_x, w.street_y,
  %(door_m)s::float8, %(crossing_m)s::float8, %(street_m)s::float8
) AS r
ORDER BY w.position
