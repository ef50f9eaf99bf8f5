-- doors_within --
-- The doors of a shape, each address once whichever source brought it, by street and number.
SELECT DISTINCT ON (n.name, COALESCE(a.locality, ''), a.number_int, a.number_key)
  n.name AS street, COALESCE(a.number, upper(a.number_key)) AS number, a.number_int, a.postcode, a.locality,
  ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM geo_address a
JOIN LATERAL (
  SELECT min(s.name) AS name FROM geo_street_name s
  WHERE s.network_id = current_network() AND s.street_id = a.street_id AND s.is_first
) n ON n.name IS NOT NULL
WHERE a.network_id = current_network()
  AND a.geom && ST_GeomFromWKB(:shape, 4326)
  AND ST_Intersects(a.geom, ST_GeomFromWKB(:shape, 4326))
ORDER BY n.name, COALESCE(a.locality, ''), a.number_int, a.number_key, a.seq, a.street_id
LIMIT :most

-- streets_within --
-- The lines of streets that run through a box, the longest first, each under its first name.
SELECT n.name, ST_AsBinary(g.geom) AS line
FROM geo_street g
JOIN LATERAL (
  SELECT min(s.name) AS name FROM geo_street_name s
  WHERE s.network_id = current_network() AND s.street_id = g.id AND s.is_first
) n ON n.name IS NOT NULL
WHERE g.network_id = current_network()
  AND g.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
ORDER BY g.length_m DESC, g.id
LIMIT :most

-- addresses_around --
-- The doors of a box, those nearest to a place first, each with every name of its street. Nearness is in degrees: it
-- only says which of very many are left out.
SELECT n.names, a.locality, a.number, a.lon, a.lat
FROM (
  SELECT d.street_id, d.locality, COALESCE(d.number, upper(d.number_key)) AS number,
    ST_X(d.geom) AS lon, ST_Y(d.geom) AS lat,
    d.geom <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS away
  FROM geo_address d
  WHERE d.network_id = current_network()
    AND d.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
  ORDER BY d.geom <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)
  LIMIT :most
) a
JOIN LATERAL (
  SELECT array_agg(s.name ORDER BY s.is_first DESC, s.name) AS names FROM geo_street_name s
  WHERE s.network_id = current_network() AND s.street_id = a.street_id
) n ON n.names IS NOT NULL
ORDER BY a.away, n.names, a.number

-- progress --
-- Each door of a turf with what was met there last.
SELECT d.position, d.street, d.number, ST_X(d.geom) AS lon, ST_Y(d.geom) AS lat,
  v.outcome, v.happened_at, COALESCE(v.visits, 0) AS visits
FROM turf_door d
LEFT JOIN (
  SELECT DISTINCT ON (w.position) w.position, w.outcome, w.happened_at, count(*) OVER (PARTITION BY w.position) AS visits
  FROM turf_visit w
  WHERE w.network_id = current_network() AND w.turf_id = :turf_id
  ORDER BY w.position, w.happened_at DESC, w.received_at DESC, w.id DESC
) v ON v.position = d.position
WHERE d.network_id = current_network() AND d.turf_id = :turf_id
ORDER BY d.position

-- tallies --
-- How many doors of each turf ended with which outcome.
SELECT l.turf_id, l.outcome, count(*) AS doors
FROM (
  SELECT DISTINCT ON (w.turf_id, w.position) w.turf_id, w.outcome
  FROM turf_visit w
  WHERE w.network_id = current_network() AND w.turf_id = ANY (:turf_ids)
  ORDER BY w.turf_id, w.position, w.happened_at DESC, w.received_at DESC, w.id DESC
) l
GROUP BY l.turf_id, l.outcome
