-- named --
SELECT n.street_id, n.key, n.base, n.name, n.locality,
       d.number_int, d.number, d.number_key, d.postcode, d.locality, ST_X(d.geom), ST_Y(d.geom), w.number_int
FROM unnest(string_to_array(%s, E'\n'), string_to_array(%s, E'\n')::integer[]) AS w(base, number_int)
CROSS JOIN LATERAL (
  SELECT * FROM geo_street_name s
  WHERE s.network_id = current_network() AND s.base = w.base
  ORDER BY s.street_id LIMIT 60
) AS n
LEFT JOIN LATERAL (
  SELECT * FROM geo_address a
  WHERE a.street_id = n.street_id AND a.number_int = w.number_int AND a.network_id = current_network()
  ORDER BY a.seq LIMIT 40
) AS d ON true

-- around --
SELECT a.street_id, a.number_int, a.number, a.number_key, a.postcode, a.locality, ST_X(a.geom), ST_Y(a.geom)
FROM unnest(string_to_array(%s, E'\n')::bigint[], string_to_array(%s, E'\n')::integer[]) AS w(street_id, number_int)
CROSS JOIN LATERAL (
  (SELECT * FROM geo_address d
   WHERE d.street_id = w.street_id AND d.number_int < w.number_int AND d.number_int >= 0
     AND (d.number_int - w.number_int) %% 2 = 0 AND d.network_id = current_network()
   ORDER BY d.number_int DESC, d.seq LIMIT 6)
  UNION ALL
  (SELECT * FROM geo_address d
   WHERE d.street_id = w.street_id AND d.number_int > w.number_int
     AND (d.number_int - w.number_int) %% 2 = 0 AND d.network_id = current_network()
   ORDER BY d.number_int, d.seq LIMIT 6)
) AS a

-- ranges --
SELECT r.street_id, r.low, r.high, r.step, r.is_reversed = 1, r.postcode, r.locality, ST_AsBinary(r.geom)
FROM unnest(string_to_array(%s, E'\n')::bigint[], string_to_array(%s, E'\n')::integer[]) AS w(street_id, number_int)
CROSS JOIN LATERAL (
  SELECT * FROM geo_range g
  WHERE g.street_id = w.street_id AND w.number_int BETWEEN g.low AND g.high
    AND (w.number_int - g.low) %% g.step = 0 AND g.network_id = current_network()
  ORDER BY g.seq LIMIT 6
) AS r

-- lines --
SELECT s.id, ST_AsBinary(s.geom) FROM geo_street AS s WHERE s.id = ANY(%s::bigint[]) AND s.network_id = current_network()

-- bases_like --
SELECT typed, found FROM bases_like(string_to_array(%s, E'\n'), string_to_array(%s, E'\n'))

-- known_words --
SELECT DISTINCT w.word FROM unnest(string_to_array(%s, E'\n')) AS w(word)
JOIN geo_word AS g ON g.network_id = current_network() AND g.word = w.word

-- known_towns --
SELECT DISTINCT w.key FROM unnest(string_to_array(%s, E'\n')) AS w(key)
WHERE EXISTS (SELECT FROM geo_town t WHERE t.network_id = current_network() AND t.key = w.key)
   OR EXISTS (SELECT FROM geo_place_name n WHERE n.network_id = current_network() AND n.key = w.key)

-- bases_with_words --
SELECT w.base, k.base
FROM unnest(string_to_array(%s, E'\n')) AS w(base)
CROSS JOIN LATERAL (
  SELECT b.base FROM geo_base b
  WHERE b.network_id = current_network() AND b.base %% w.base
  GROUP BY b.base ORDER BY similarity(b.base, w.base) DESC, b.base LIMIT 12
) AS k

-- bases_having --
SELECT DISTINCT w.postcode, w.number_int, n.base
FROM unnest(string_to_array(%s, E'\n'), string_to_array(%s, E'\n')::integer[]) AS w(postcode, number_int)
CROSS JOIN LATERAL (
  SELECT street_id FROM geo_address a
  WHERE a.postcode = w.postcode AND a.number_int = w.number_int AND a.network_id = current_network() LIMIT 400
) AS d
JOIN geo_street_name AS n ON n.street_id = d.street_id AND n.network_id = current_network()

-- middles --
WITH wanted AS (SELECT DISTINCT unnest(%s::bigint[]) AS id),
lined AS (
  SELECT s.id, m.middle,
         greatest(
           (SELECT max(ST_Distance(geography(v.geom), geography(m.middle))) FROM ST_DumpPoints(s.geom) AS v),
           -- doors go on where the line is interrupted by a square or cut off by the edge of the map
           (SELECT max(ST_Distance(geography(d.geom), geography(m.middle))) FROM geo_address AS d
            WHERE d.street_id = s.id AND d.network_id = current_network()
              AND ST_DWithin(geography(d.geom), geography(s.geom), 300))
         ) AS reach_m
  FROM wanted JOIN geo_street AS s ON s.id = wanted.id AND s.network_id = current_network()
  CROSS JOIN LATERAL (
    SELECT v.geom AS middle FROM ST_DumpPoints(geometry(ST_Segmentize(geography(s.geom), 25))) AS v
    ORDER BY ST_Distance(geography(v.geom), geography(ST_Centroid(ST_Envelope(s.geom)))), v.path LIMIT 1
  ) AS m
),
doored AS (
  SELECT g.id, ST_Centroid(g.geom) AS middle,
         (SELECT max(ST_Distance(geography(v.geom), geography(ST_Centroid(g.geom)))) FROM ST_DumpPoints(g.geom) AS v)
           AS reach_m
  FROM (
    SELECT d.street_id AS id, ST_Collect(d.geom) AS geom
    FROM wanted JOIN geo_address AS d ON d.street_id = wanted.id AND d.network_id = current_network()
    WHERE NOT EXISTS (SELECT FROM geo_street s WHERE s.id = wanted.id AND s.network_id = current_network())
    GROUP BY d.street_id, d.locality
  ) AS g
)
SELECT t.id, ST_X(t.middle), ST_Y(t.middle), t.reach_m
FROM (SELECT * FROM lined UNION ALL SELECT * FROM doored) AS t
ORDER BY t.id, t.reach_m

-- crossings --
SELECT w.first, a.street_id, a.key, a.base, a.name, a.locality,
       b.street_id, b.key, b.base, b.name, b.locality, ST_X(c.geom), ST_Y(c.geom)
FROM unnest(string_to_array(%s, E'\n'), string_to_array(%s, E'\n')) AS w(first, second)
CROSS JOIN LATERAL (
  SELECT * FROM geo_street_name s WHERE s.network_id = current_network() AND s.base = w.first LIMIT 60
) AS a
CROSS JOIN LATERAL (
  SELECT * FROM geo_street_name s WHERE s.network_id = current_network() AND s.base = w.second LIMIT 60
) AS b
JOIN geo_crossing AS c
  ON c.street_a = least(a.street_id, b.street_id) AND c.street_b = greatest(a.street_id, b.street_id)
 AND c.network_id = current_network()
ORDER BY c.seq LIMIT 20000

-- places_like --
SELECT w.key, p.name, n.key, p.kind, ST_X(p.geom), ST_Y(p.geom), p.id, n.name
FROM unnest(string_to_array(%s, E'\n')) AS w(key)
CROSS JOIN LATERAL (
  SELECT * FROM geo_place_name g
  WHERE g.network_id = current_network() AND (g.key = w.key OR g.key %% w.key)
  ORDER BY g.key = w.key DESC, similarity(g.key, w.key) DESC, g.place_id LIMIT 8
) AS n
JOIN geo_place AS p ON p.id = n.place_id AND p.network_id = current_network()

-- postcodes --
SELECT p.postcode, ST_X(p.geom), ST_Y(p.geom), p.radius_m, p.source_number, p.localities
FROM geo_postcode AS p
WHERE p.network_id = current_network() AND p.key = ANY(%s::text[])
ORDER BY p.source_number, p.postcode LIMIT 5000

-- postcodes_of --
SELECT DISTINCT w.key, p.key
FROM unnest(string_to_array(%s, E'\n')) AS w(key)
JOIN geo_postcode AS p ON p.network_id = current_network() AND w.key = ANY(p.localities)
LIMIT 50000

-- middles_of_postcodes --
-- The middle of each postcode, the radius that holds nineteen of twenty of its addresses, and the towns they name.
WITH middle AS (
  SELECT postcode, percentile_disc(0.5) WITHIN GROUP (ORDER BY ST_X(geom)) AS lon,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY ST_Y(geom)) AS lat, array_agg(DISTINCT locality) AS localities
  FROM geo_address
  WHERE street_id BETWEEN :low AND :high AND postcode IS NOT NULL AND network_id = current_network()
  GROUP BY postcode
)
SELECT m.postcode, m.lon, m.lat, array_remove(m.localities[1:50], NULL) AS localities,
       percentile_disc(0.95) WITHIN GROUP (
         ORDER BY ST_DistanceSphere(a.geom, ST_SetSRID(ST_MakePoint(m.lon, m.lat), 4326))
       ) AS radius_m
FROM middle AS m JOIN geo_address AS a ON a.postcode = m.postcode AND a.network_id = current_network()
WHERE a.street_id BETWEEN :low AND :high
GROUP BY m.postcode, m.lon, m.lat, m.localities

-- towns_of --
SELECT DISTINCT locality FROM geo_address
WHERE street_id BETWEEN :low AND :high AND locality IS NOT NULL AND network_id = current_network()

-- service_area --
SELECT ST_AsBinary(service_area) FROM network WHERE id = current_network()

-- source_slugs --
SELECT number, slug FROM geo_source WHERE network_id = current_network()
