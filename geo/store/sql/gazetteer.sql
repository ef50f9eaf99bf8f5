-- doors_at --
SELECT a.street, a.street_key, a.number, a.number_key, a.number_int, a.postcode, a.locality,
       ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat, s.slug AS source
FROM unnest(CAST(:keys AS text[]), CAST(:numbers AS text[])) AS w(street_key, number_key)
CROSS JOIN LATERAL (
  SELECT * FROM geo_address d
  WHERE d.network_id = current_network() AND d.street_key = w.street_key AND d.number_key = w.number_key
  ORDER BY d.id LIMIT 20
) AS a
JOIN geo_source AS s ON s.id = a.source_id
ORDER BY a.id

-- doors_around --
SELECT DISTINCT ON (a.id) a.street, a.street_key, a.number, a.number_key, a.number_int, a.postcode, a.locality,
       ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat, s.slug AS source
FROM unnest(CAST(:keys AS text[]), CAST(:numbers AS integer[])) AS w(street_key, number_int)
CROSS JOIN LATERAL (
  (SELECT * FROM geo_address d
   WHERE d.network_id = current_network() AND d.street_key = w.street_key AND d.number_int = w.number_int
   ORDER BY d.id LIMIT 40)
  UNION ALL
  (SELECT * FROM geo_address d
   WHERE d.network_id = current_network() AND d.street_key = w.street_key AND d.number_int < w.number_int
     AND (d.number_int - w.number_int) % 2 = 0
   ORDER BY d.number_int DESC LIMIT 6)
  UNION ALL
  (SELECT * FROM geo_address d
   WHERE d.network_id = current_network() AND d.street_key = w.street_key AND d.number_int > w.number_int
     AND (d.number_int - w.number_int) % 2 = 0
   ORDER BY d.number_int LIMIT 6)
) AS a
JOIN geo_source AS s ON s.id = a.source_id
ORDER BY a.id

-- streets_like --
SELECT w.street_key AS typed, k.street_key AS found
FROM unnest(CAST(:keys AS text[])) AS w(street_key)
CROSS JOIN LATERAL (
  SELECT n.street_key FROM geo_street_key n
  WHERE n.network_id = current_network() AND n.street_key % w.street_key
  ORDER BY similarity(n.street_key, w.street_key) DESC, n.street_key LIMIT 20
) AS k

-- streets_with_number --
SELECT w.street_key AS typed, w.number_int AS number, k.street_key AS found
FROM unnest(CAST(:keys AS text[]), CAST(:numbers AS integer[])) AS w(street_key, number_int)
CROSS JOIN LATERAL (
  SELECT d.street_key FROM geo_address d
  WHERE d.network_id = current_network() AND d.number_int = w.number_int
    AND similarity(d.street_key, w.street_key) > 0.12
  GROUP BY d.street_key
  ORDER BY similarity(d.street_key, w.street_key) DESC, d.street_key LIMIT 12
) AS k

-- street_middles --
WITH wanted AS (SELECT DISTINCT unnest(CAST(:keys AS text[])) AS key),
lines AS (
  SELECT n.id, n.name, n.name_key AS key, n.locality, n.source_id, n.geom
  FROM wanted AS w
  CROSS JOIN LATERAL (
    SELECT * FROM geo_street r WHERE r.network_id = current_network() AND r.name_key = w.key ORDER BY r.id LIMIT 10
  ) AS n
),
lined AS (
  SELECT l.name, l.key, l.locality, l.source_id, m.middle,
         greatest(
           (SELECT max(ST_Distance(geography(v.geom), geography(m.middle))) FROM ST_DumpPoints(l.geom) AS v),
           -- doors go on where the line is interrupted by a square or cut off by the edge of the map
           (SELECT max(ST_Distance(geography(d.geom), geography(m.middle))) FROM geo_address AS d
            WHERE d.network_id = current_network() AND d.street_key = l.key
              AND ST_DWithin(geography(d.geom), geography(l.geom), 300))
         ) AS reach_m
  FROM lines AS l
  CROSS JOIN LATERAL (
    SELECT v.geom AS middle FROM ST_DumpPoints(geometry(ST_Segmentize(geography(l.geom), 25))) AS v
    ORDER BY ST_Distance(geography(v.geom), geography(ST_Centroid(ST_Envelope(l.geom)))), v.path LIMIT 1
  ) AS m
),
doors AS (
  SELECT min(d.street) AS name, d.street_key AS key, d.locality, d.source_id, ST_Collect(d.geom) AS geom
  FROM wanted AS w JOIN geo_address AS d ON d.network_id = current_network() AND d.street_key = w.key
  WHERE NOT EXISTS (SELECT 1 FROM geo_street r WHERE r.network_id = current_network() AND r.name_key = w.key)
  GROUP BY d.street_key, d.locality, d.source_id
),
doored AS (
  SELECT g.name, g.key, g.locality, g.source_id, ST_Centroid(g.geom) AS middle,
         (SELECT max(ST_Distance(geography(v.geom), geography(ST_Centroid(g.geom)))) FROM ST_DumpPoints(g.geom) AS v)
           AS reach_m
  FROM doors AS g
)
SELECT t.name, t.key, t.locality, ST_X(t.middle) AS lon, ST_Y(t.middle) AS lat, t.reach_m, s.slug AS source
FROM (SELECT * FROM lined UNION ALL SELECT * FROM doored) AS t
JOIN geo_source AS s ON s.id = t.source_id
ORDER BY t.key, t.name, t.locality, t.reach_m

-- places_like --
SELECT w.key AS typed, p.name, p.name_key AS key, p.kind, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, s.slug AS source
FROM unnest(CAST(:keys AS text[])) AS w(key)
CROSS JOIN LATERAL (
  SELECT * FROM geo_place g
  WHERE g.network_id = current_network() AND g.name_key % w.key
  ORDER BY similarity(g.name_key, w.key) DESC, g.id LIMIT 8
) AS p
JOIN geo_source AS s ON s.id = p.source_id

-- postcodes --
SELECT p.postcode, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, p.radius_m, s.slug AS source
FROM geo_postcode AS p JOIN geo_source AS s ON s.id = p.source_id
WHERE p.network_id = current_network() AND p.postcode = ANY(CAST(:codes AS text[]))
ORDER BY p.id LIMIT 5000

-- service_area --
SELECT ST_AsBinary(service_area) FROM network WHERE id = current_network()

-- reverse --
WITH here AS (SELECT ST_SetSRID(ST_Point(:lon, :lat), 4326) AS point),
door AS (
  SELECT a.street, a.street_key, a.number, a.postcode, a.locality,
         ST_Distance(geography(a.geom), geography(here.point)) AS metres
  FROM here CROSS JOIN LATERAL (
    SELECT * FROM geo_address d WHERE d.network_id = current_network()
    ORDER BY geography(d.geom) <-> geography(here.point) LIMIT 1
  ) AS a
  WHERE ST_DWithin(geography(a.geom), geography(here.point), :door_m)
),
road AS (
  SELECT r.name, ST_Distance(geography(r.geom), geography(here.point)) AS metres
  FROM here JOIN geo_street r ON r.geom && geometry(ST_Buffer(geography(here.point), :street_m))
  WHERE r.network_id = current_network() AND ST_DWithin(geography(r.geom), geography(here.point), :street_m)
  ORDER BY metres, r.id LIMIT 1
),
quarter AS (
  SELECT r.name FROM here JOIN area r ON ST_Covers(r.geom, here.point)
  WHERE r.network_id = current_network() ORDER BY ST_Area(geography(r.geom)), r.id LIMIT 1
)
SELECT door.street, door.street_key, door.number, door.postcode, door.locality, door.metres AS door_m,
       road.name AS road, road.metres AS road_m, quarter.name AS quarter
FROM here LEFT JOIN door ON true LEFT JOIN road ON true LEFT JOIN quarter ON true
