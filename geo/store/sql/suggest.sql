-- starting --
-- Streets, places and postcodes by how their keys begin. The ends of each range are compared by code point: a policy
-- lets no pattern use an index. The nearest of each kind come first, those of the very name before them.
WITH here AS (
  SELECT coalesce(%(lon)s::float8, ST_X(m.middle), 0) AS lon, coalesce(%(lat)s::float8, ST_Y(m.middle), 0) AS lat
  FROM (SELECT ST_Centroid(service_area) AS middle FROM network WHERE id = current_network()) AS m
),
begun AS (
  SELECT DISTINCT ON (n.street_id, n.key) w.typed, n.*
  FROM unnest(%(low)s::text[], %(high)s::text[]) AS w(typed, high)
  CROSS JOIN LATERAL (
    (SELECT * FROM geo_street_name s
     WHERE s.network_id = current_network() AND s.key ~>=~ w.typed AND s.key ~<~ w.high
     ORDER BY s.key USING ~<~ LIMIT 200)
    UNION ALL
    (SELECT * FROM geo_street_name s
     WHERE s.network_id = current_network() AND s.base ~>=~ w.typed AND s.base ~<~ w.high
     ORDER BY s.base USING ~<~ LIMIT 200)
  ) AS n
),
ranked AS (
  SELECT 'street' AS kind, b.name, b.key, b.locality, b.street_id, p.geom, g.id IS NULL AS is_doored,
         CASE WHEN b.key = ANY(%(low)s::text[]) OR b.base = ANY(%(low)s::text[]) THEN 0 ELSE 1 END AS rank,
         ((ST_X(p.geom) - here.lon) * %(east_m)s) ^ 2 + ((ST_Y(p.geom) - here.lat) * %(north_m)s) ^ 2 AS away
  FROM begun AS b CROSS JOIN here
  LEFT JOIN geo_street AS g ON g.id = b.street_id AND g.network_id = current_network()
  LEFT JOIN LATERAL (
    SELECT a.geom FROM geo_address a WHERE a.street_id = b.street_id AND a.network_id = current_network()
    ORDER BY a.number_int, a.seq LIMIT 1
  ) AS d ON g.id IS NULL
  CROSS JOIN LATERAL (
    SELECT coalesce(ST_ClosestPoint(g.geom, ST_SetSRID(ST_MakePoint(here.lon, here.lat), 4326)), d.geom) AS geom
  ) AS p
  ORDER BY rank, away, b.key LIMIT 40
),
-- a street known by its doors alone may be several: one in each town
streets AS (
  SELECT r.kind, r.name, r.key, coalesce(r.locality, t.locality) AS locality, r.street_id,
         coalesce(t.geom, r.geom) AS geom, r.rank, coalesce(t.away, r.away) AS away
  FROM ranked AS r CROSS JOIN here
  LEFT JOIN LATERAL (
    SELECT DISTINCT ON (d.locality) d.locality, d.geom,
           ((ST_X(d.geom) - here.lon) * %(east_m)s) ^ 2 + ((ST_Y(d.geom) - here.lat) * %(north_m)s) ^ 2 AS away
    FROM (
      SELECT a.locality, a.geom FROM geo_address a WHERE a.street_id = r.street_id AND a.network_id = current_network()
      ORDER BY a.number_int, a.seq LIMIT 64
    ) AS d
    ORDER BY d.locality, away
  ) AS t ON r.is_doored
),
places AS (
  SELECT 'place' AS kind, p.name, n.key, p.kind AS locality, p.id, p.geom,
         CASE WHEN n.key = ANY(%(low)s::text[]) THEN 0 ELSE 1 END AS rank,
         ((ST_X(p.geom) - here.lon) * %(east_m)s) ^ 2 + ((ST_Y(p.geom) - here.lat) * %(north_m)s) ^ 2 AS away
  FROM unnest(%(low)s::text[], %(high)s::text[]) AS w(typed, high)
  CROSS JOIN here
  CROSS JOIN LATERAL (
    SELECT * FROM geo_place_name g
    WHERE g.network_id = current_network() AND g.key ~>=~ w.typed AND g.key ~<~ w.high
    ORDER BY g.key USING ~<~ LIMIT 100
  ) AS n
  JOIN geo_place AS p ON p.id = n.place_id AND p.network_id = current_network()
  ORDER BY rank, away, n.key LIMIT 20
),
codes AS (
  SELECT 'postcode' AS kind, p.postcode AS name, p.key, CASE WHEN cardinality(p.localities) = 1 THEN p.localities[1] END AS locality, 0::bigint AS id, p.geom,
         CASE WHEN p.key = w.code THEN 0 ELSE 1 END AS rank,
         ((ST_X(p.geom) - here.lon) * %(east_m)s) ^ 2 + ((ST_Y(p.geom) - here.lat) * %(north_m)s) ^ 2 AS away
  FROM unnest(%(codes)s::text[], %(code_ends)s::text[]) AS w(code, code_end)
  CROSS JOIN here
  CROSS JOIN LATERAL (
    SELECT * FROM geo_postcode g
    WHERE g.network_id = current_network() AND g.key ~>=~ w.code AND g.key ~<~ w.code_end
    ORDER BY g.key USING ~<~ LIMIT 100
  ) AS p
  ORDER BY rank, away, p.key LIMIT 20
)
SELECT t.kind, t.rank, t.away, t.name, t.key, t.locality, t.street_id, ST_X(t.geom), ST_Y(t.geom)
FROM (SELECT * FROM streets UNION ALL SELECT * FROM places UNION ALL SELECT * FROM codes) AS t
WHERE t.geom IS NOT NULL

-- alike --
-- Streets whose names begin almost like that, or have a word that begins so; which of them are near enough to what was
-- typed is decided by whoever asks.
WITH here AS (
  SELECT coalesce(%(lon)s::float8, ST_X(m.middle), 0) AS lon, coalesce(%(lat)s::float8, ST_Y(m.middle), 0) AS lat
  FROM (SELECT ST_Centroid(service_area) AS middle FROM network WHERE id = current_network()) AS m
),
near AS (
  SELECT found AS base FROM bases_like(%(bases)s::text[], %(deletions)s::text[])
  UNION
  SELECT found FROM unnest(%(words)s::text[]) AS w(word) CROSS JOIN LATERAL bases_within(w.word)
  UNION
  SELECT k.base FROM unnest(%(low)s::text[], %(high)s::text[]) AS w(low, high)
  CROSS JOIN LATERAL (
    SELECT b.base FROM geo_base b
    WHERE b.network_id = current_network() AND b.base ~>=~ w.low AND b.base ~<~ w.high
    ORDER BY b.base USING ~<~ LIMIT 400
  ) AS k
)
SELECT n.base, n.name, n.key, coalesce(n.locality, d.locality), n.street_id, ST_X(p.geom), ST_Y(p.geom),
       ((ST_X(p.geom) - here.lon) * %(east_m)s) ^ 2 + ((ST_Y(p.geom) - here.lat) * %(north_m)s) ^ 2 AS away
FROM near CROSS JOIN here
CROSS JOIN LATERAL (
  SELECT * FROM geo_street_name s WHERE s.network_id = current_network() AND s.base = near.base
  ORDER BY s.street_id LIMIT 20
) AS n
LEFT JOIN geo_street AS g ON g.id = n.street_id AND g.network_id = current_network()
LEFT JOIN LATERAL (
  SELECT a.geom, a.locality FROM geo_address a WHERE a.street_id = n.street_id AND a.network_id = current_network()
  ORDER BY a.number_int, a.seq LIMIT 1
) AS d ON g.id IS NULL
CROSS JOIN LATERAL (
  SELECT coalesce(ST_ClosestPoint(g.geom, ST_SetSRID(ST_MakePoint(here.lon, here.lat), 4326)), d.geom) AS geom
) AS p
WHERE p.geom IS NOT NULL
LIMIT 1000

-- doors --
SELECT w.street_id, d.number, d.postcode, d.locality, ST_X(d.geom), ST_Y(d.geom)
FROM unnest(%(streets)s::bigint[]) AS w(street_id)
CROSS JOIN LATERAL (
  SELECT a.number_int, a.number_key, coalesce(a.number, upper(a.number_key)) AS number, a.postcode, a.locality, a.geom,
         a.seq
  FROM unnest(%(low)s::integer[], %(high)s::integer[]) AS r(low, high)
  JOIN geo_address AS a ON a.street_id = w.street_id AND a.number_int BETWEEN r.low AND r.high
   AND a.network_id = current_network() AND starts_with(a.number_key, %(number)s)
  ORDER BY a.number_int, a.number_key, a.seq LIMIT 24
) AS d
LIMIT 500

-- crossings --
WITH met AS (
  (SELECT c.street_a AS one, c.street_b AS other, c.geom FROM geo_crossing c
   WHERE c.street_a = ANY(%(streets)s::bigint[]) AND c.network_id = current_network() LIMIT 1000)
  UNION ALL
  (SELECT c.street_b, c.street_a, c.geom FROM geo_crossing c
   WHERE c.street_b = ANY(%(streets)s::bigint[]) AND c.network_id = current_network() LIMIT 1000)
)
SELECT m.one, n.name, n.key, ST_X(m.geom), ST_Y(m.geom)
FROM met AS m
JOIN geo_street_name AS n ON n.street_id = m.other AND n.network_id = current_network()
WHERE cardinality(%(low)s::text[]) = 0 OR EXISTS (
  SELECT FROM unnest(%(low)s::text[], %(high)s::text[]) AS w(low, high)
  WHERE (n.key ~>=~ w.low AND n.key ~<~ w.high)
     OR (n.base ~>=~ w.low AND n.base ~<~ w.high)
)
ORDER BY n.is_first DESC, n.key LIMIT 200
