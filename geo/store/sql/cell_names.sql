-- near_streets --
-- The streets nearest to the middle of each cell. The index orders by degrees, so a longer list is re-ranked in
-- true metres; a street's names in other languages share its line and count once.
SELECT asked.cell, near.name
FROM unnest(CAST(:cells AS text[]), CAST(:lons AS float8[]), CAST(:lats AS float8[])) AS asked (cell, lon, lat)
CROSS JOIN LATERAL (
  SELECT min(listed.name) FILTER (WHERE listed.first) AS name, min(listed.distance_m) AS distance_m
  FROM (
    SELECT
      s.name, s.geom, s.id = min(s.id) OVER (PARTITION BY s.geom) AS first,
      ST_Distance(geography(s.geom), geography(ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326))) AS distance_m
    FROM (
      SELECT id, name, geom FROM geo_street
      WHERE network_id = current_network()
      ORDER BY geom <-> ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326)
      LIMIT 24
    ) s
  ) listed
  GROUP BY listed.geom
  ORDER BY distance_m, name
  LIMIT 2
) near
ORDER BY asked.cell, near.distance_m, near.name
