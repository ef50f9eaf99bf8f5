-- nearest_doors --
-- The door nearest to each point of a lattice, looked for within a box around it: a sample of addresses that is spread
-- evenly. The index orders by degrees, which is near enough for a sample.
SELECT DISTINCT ON (door.street_id, door.number_int, door.seq)
  ST_X(door.geom) AS lon, ST_Y(door.geom) AS lat
FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) AS asked (lon, lat)
CROSS JOIN LATERAL (
  SELECT a.street_id, a.number_int, a.seq, a.geom
  FROM geo_address a
  WHERE a.network_id = current_network()
    AND a.geom && ST_Expand(ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326), :width_deg, :height_deg)
  ORDER BY a.geom <-> ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326)
  LIMIT 1
) door
ORDER BY door.street_id, door.number_int, door.seq
