-- nearest_helpers --
-- Suitable helpers by distance, whichever way the planner finds quicker. A second sort key would keep PostgreSQL 15
-- from using the index's order; equal distances are settled by the caller.
WITH asked AS (SELECT geography(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AS place)
SELECT
  h.id, h.public_name, h.categories, h.languages, h.vehicle, h.status, h.capacity_per_week, h.load,
  h.max_travel_min, h.cell, h.last_asked_at, h.updated_at, h.version,
  ST_X(l.geom) AS at_lon, ST_Y(l.geom) AS at_lat,
  ST_Distance(geography(l.geom), asked.place) AS distance_m,
  geography(l.geom) <-> asked.place AS sphere_m
FROM restricted.location_exact l
JOIN helper h ON h.id = l.helper_id
CROSS JOIN asked
WHERE l.helper_id IS NOT NULL
  AND l.network_id = current_network()
  AND h.network_id = current_network()
  AND h.status = 'active'
  AND h.load < h.capacity_per_week
  AND (CAST(:category AS text) IS NULL OR h.categories @> ARRAY[CAST(:category AS text)])
  AND (cardinality(CAST(:languages AS text[])) = 0 OR h.languages && CAST(:languages AS text[]))
  AND ST_Distance(geography(l.geom), asked.place)
    <= h.max_travel_min * CASE h.vehicle WHEN 'car' THEN :car_m WHEN 'bicycle' THEN :bicycle_m ELSE :walk_m END
ORDER BY geography(l.geom) <-> asked.place
LIMIT :page

-- nearest_helpers_around --
-- The same from among the :look nearest, whether they suit or not. Left free, the planner takes suitability to be rarer
-- than it is and joins everybody; OFFSET 0 keeps the look at each helper inside the ordered scan, which ends as soon as
-- the page is full.
WITH asked AS (SELECT geography(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AS place)
SELECT
  h.id, h.public_name, h.categories, h.languages, h.vehicle, h.status, h.capacity_per_week, h.load,
  h.max_travel_min, h.cell, h.last_asked_at, h.updated_at, h.version, near.at_lon, near.at_lat, h.distance_m,
  near.sphere_m
FROM asked
CROSS JOIN LATERAL (
  SELECT l.helper_id, ST_X(l.geom) AS at_lon, ST_Y(l.geom) AS at_lat, geography(l.geom) AS home,
         geography(l.geom) <-> asked.place AS sphere_m
  FROM restricted.location_exact l
  WHERE l.helper_id IS NOT NULL AND l.network_id = current_network()
  ORDER BY geography(l.geom) <-> asked.place
  LIMIT :look
) near
CROSS JOIN LATERAL (
  SELECT h.*, ST_Distance(near.home, asked.place) AS distance_m
  FROM helper h
  WHERE h.id = near.helper_id
    AND h.network_id = current_network()
    AND h.status = 'active'
    AND h.load < h.capacity_per_week
    AND (CAST(:category AS text) IS NULL OR h.categories @> ARRAY[CAST(:category AS text)])
    AND (cardinality(CAST(:languages AS text[])) = 0 OR h.languages && CAST(:languages AS text[]))
    AND ST_Distance(near.home, asked.place)
      <= h.max_travel_min * CASE h.vehicle WHEN 'car' THEN :car_m WHEN 'bicycle' THEN :bicycle_m ELSE :walk_m END
  OFFSET 0
) h
ORDER BY near.sphere_m
LIMIT :page

-- nearest_assets --
-- Suitable public places by distance, whichever way the planner finds quicker.
WITH asked AS (SELECT geography(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AS place)
SELECT
  a.id, a.organization_id, a.kind, a.categories, a.name, a.description, a.status, a.is_private, a.cell, a.address,
  a.capacity_per_week, a.opening_hours, a.step_free, a.languages, a.source, a.source_ref, a.assured_on,
  a.updated_at, a.version, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat,
  ST_X(a.geom) AS at_lon, ST_Y(a.geom) AS at_lat,
  ST_Distance(geography(a.geom), asked.place) AS distance_m,
  geography(a.geom) <-> asked.place AS sphere_m
FROM asset a
CROSS JOIN asked
WHERE a.geom IS NOT NULL
  AND a.network_id = current_network()
  AND a.status = 'active'
  AND (a.capacity_per_week IS NULL OR a.capacity_per_week > 0)
  AND (CAST(:category AS text) IS NULL OR a.categories @> ARRAY[CAST(:category AS text)])
  AND (NOT :wheelchair OR a.step_free <> 'no')
ORDER BY geography(a.geom) <-> asked.place
LIMIT :page

-- nearest_assets_around --
-- The same from among the :look nearest, whether they suit or not.
WITH asked AS (SELECT geography(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AS place)
SELECT
  a.id, a.organization_id, a.kind, a.categories, a.name, a.description, a.status, a.is_private, a.cell, a.address,
  a.capacity_per_week, a.opening_hours, a.step_free, a.languages, a.source, a.source_ref, a.assured_on,
  a.updated_at, a.version, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat,
  ST_X(a.geom) AS at_lon, ST_Y(a.geom) AS at_lat,
  ST_Distance(geography(a.geom), asked.place) AS distance_m, a.sphere_m
FROM asked
CROSS JOIN LATERAL (
  SELECT n.*, geography(n.geom) <-> asked.place AS sphere_m
  FROM asset n
  WHERE n.geom IS NOT NULL AND n.network_id = current_network()
  ORDER BY geography(n.geom) <-> asked.place
  LIMIT :look
) a
WHERE a.status = 'active'
  AND (a.capacity_per_week IS NULL OR a.capacity_per_week > 0)
  AND (CAST(:category AS text) IS NULL OR a.categories @> ARRAY[CAST(:category AS text)])
  AND (NOT :wheelchair OR a.step_free <> 'no')
ORDER BY a.sphere_m
LIMIT :page

-- passed_over_helpers --
-- Why helpers no farther than the last one kept do not suit, by the first reason that applies. The distance is
-- compared last: under row-level security a condition on it would keep the index from being used.
WITH asked AS (SELECT geography(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AS place),
nearer AS (
  SELECT h.*, ST_Distance(geography(l.geom), asked.place) AS distance_m
  FROM restricted.location_exact l
  JOIN helper h ON h.id = l.helper_id
  CROSS JOIN asked
  WHERE l.helper_id IS NOT NULL
    AND l.network_id = current_network()
    AND h.network_id = current_network()
  ORDER BY geography(l.geom) <-> asked.place
  LIMIT :page
),
judged AS (
  SELECT CASE
    WHEN CAST(:category AS text) IS NOT NULL AND NOT categories @> ARRAY[CAST(:category AS text)]
      THEN 'does not help with this'
    WHEN status <> 'active' THEN 'not active now'
    WHEN cardinality(CAST(:languages AS text[])) > 0 AND NOT languages && CAST(:languages AS text[])
      THEN 'no shared language'
    WHEN load >= capacity_per_week THEN 'full this week'
    WHEN distance_m
      > max_travel_min * CASE vehicle WHEN 'car' THEN :car_m WHEN 'bicycle' THEN :bicycle_m ELSE :walk_m END
      THEN 'too far for them'
  END AS reason
  FROM nearer
  WHERE distance_m <= :within_m
)
SELECT reason, count(*) AS total FROM judged WHERE reason IS NOT NULL GROUP BY reason ORDER BY count(*) DESC, reason

-- passed_over_assets --
-- Why places no farther than the last one kept do not suit.
WITH asked AS (SELECT geography(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AS place),
nearer AS (
  SELECT a.*, ST_Distance(geography(a.geom), asked.place) AS distance_m
  FROM asset a
  CROSS JOIN asked
  WHERE a.geom IS NOT NULL
    AND a.network_id = current_network()
  ORDER BY geography(a.geom) <-> asked.place
  LIMIT :page
),
judged AS (
  SELECT CASE
    WHEN CAST(:category AS text) IS NOT NULL AND NOT categories @> ARRAY[CAST(:category AS text)]
      THEN 'does not help with this'
    WHEN status <> 'active' THEN 'not active now'
    WHEN capacity_per_week = 0 THEN 'full'
    WHEN :wheelchair AND step_free = 'no' THEN 'not step-free'
  END AS reason
  FROM nearer
  WHERE distance_m <= :within_m
)
SELECT reason, count(*) AS total FROM judged WHERE reason IS NOT NULL GROUP BY reason ORDER BY count(*) DESC, reason
