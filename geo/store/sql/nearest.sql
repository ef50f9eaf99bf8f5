-- why_not_helper --
-- The first reason for which a helper h, whose home has the words near.suits, is not asked; nothing for who suits. It
-- stands in each statement about helpers in the place of its name, so that all mean the same. Hours come last, because
-- who may be free by these words is judged afterwards by what they wrote.
CASE
  WHEN CAST(:category AS text) IS NOT NULL AND NOT h.categories @> ARRAY[CAST(:category AS text)] THEN 'other_help'
  WHEN h.status <> 'active' THEN 'not_active'
  WHEN cardinality(CAST(:languages AS text[])) > 0
    AND NOT near.suits && (CAST(:languages AS text[]) || asked.unstated) THEN 'no_shared_language'
  WHEN CAST(:vehicle AS text) IS NOT NULL AND h.vehicle <> CAST(:vehicle AS text) THEN 'no_vehicle'
  WHEN h.load >= h.capacity_per_week THEN 'full_this_week'
  WHEN h.last_asked_at > CAST(:rested_since AS timestamptz) THEN 'asked_lately'
  WHEN ST_Distance(geography(near.geom), asked.place)
    > h.max_travel_min * CASE h.vehicle WHEN 'car' THEN :car_m WHEN 'bicycle' THEN :bicycle_m ELSE :walk_m END
    THEN 'too_far'
  WHEN h.load + (
    SELECT count(*) FROM match m
    WHERE m.helper_id = h.id AND m.network_id = current_network() AND m.status = 'proposed'
      AND NOT coalesce(m.expires_at <= :now, false)
  ) >= h.capacity_per_week THEN 'full_this_week'
  WHEN EXISTS (
    SELECT FROM restricted.preference p
    WHERE p.helper_id = h.id AND p.network_id = current_network() AND p.is_stopped
  ) THEN 'wants_no_messages'
  WHEN CAST(:need_id AS uuid) IS NOT NULL AND EXISTS (
    SELECT FROM match m
    WHERE m.helper_id = h.id AND m.network_id = current_network() AND m.need_id = CAST(:need_id AS uuid)
  ) THEN 'asked_about_it'
  WHEN CAST(:need_id AS uuid) IS NOT NULL AND EXISTS (
    SELECT FROM kept_apart k JOIN need n ON n.household_id = k.household_id
    WHERE k.helper_id = h.id AND k.network_id = current_network()
      AND n.id = CAST(:need_id AS uuid) AND n.network_id = current_network()
  ) THEN 'kept_apart'
  WHEN cardinality(CAST(:hours AS text[])) > 0 AND NOT near.suits && CAST(:hours AS text[]) THEN 'not_at_that_time'
END

-- nearest_helpers_around --
-- Suitable helpers in the order of distance, a page of each way of travelling, from among the :look nearest of it. Left
-- free, the planner takes suitability to be rarer than it is and joins everybody; OFFSET 0 keeps the look at each helper
-- inside the ordered scan, which ends as soon as the page is full. The words beside the home come first: who does not
-- have them is never read. Where the page is not full, the last one looked at comes with it, so that it can be told
-- whether anybody beyond could be willing to come.
WITH asked AS ({{asked}})
SELECT found.*, ways.way, ways.farthest_m, asked.unstated
FROM asked
CROSS JOIN ({{ways}}) ways
CROSS JOIN LATERAL (
  SELECT
  h.id, h.public_name, h.categories, h.languages, h.vehicle, h.status, h.capacity_per_week, h.load,
  h.max_travel_min, h.cell, h.last_asked_at, h.updated_at, h.version, h.availability, h.interpreter,
  ST_X(near.geom) AS at_lon, ST_Y(near.geom) AS at_lat,
  ST_Distance(geography(near.geom), asked.place) AS distance_m, near.sphere_m, near.place,
  (
    SELECT count(*) FROM match m
    WHERE m.helper_id = h.id AND m.network_id = current_network() AND m.status = 'proposed'
      AND NOT coalesce(m.expires_at <= :now, false)
  ) AS pending
  FROM (
    SELECT l.helper_id, l.geom, l.suits, geography(l.geom) <-> asked.place AS sphere_m,
           row_number() OVER (ORDER BY geography(l.geom) <-> asked.place) AS place
    FROM restricted.location_exact l
    WHERE l.helper_id IS NOT NULL AND l.network_id = current_network() AND l.way = ways.way
    ORDER BY geography(l.geom) <-> asked.place
    LIMIT :look
  ) near
  LEFT JOIN LATERAL (
    SELECT h.*
    FROM helper h
    WHERE h.id = near.helper_id
      AND near.suits @> CAST(:words AS text[])
      AND (cardinality(CAST(:languages AS text[])) = 0
        OR near.suits && (CAST(:languages AS text[]) || asked.unstated))
      AND (cardinality(CAST(:hours AS text[])) = 0 OR near.suits && CAST(:hours AS text[]))
      AND h.network_id = current_network()
      AND {{why_not_helper}} IS NULL
    OFFSET 0
  ) h ON true
  WHERE h.id IS NOT NULL OR near.place = :look
  ORDER BY near.sphere_m
  LIMIT :page
) found

-- nearest_helpers --
-- Suitable helpers of one way of travelling from among all who have the words, whichever way the planner finds quicker:
-- for rare help the index of words gives them, and they are sorted.
WITH asked AS ({{asked}})
SELECT
  h.id, h.public_name, h.categories, h.languages, h.vehicle, h.status, h.capacity_per_week, h.load,
  h.max_travel_min, h.cell, h.last_asked_at, h.updated_at, h.version, h.availability, h.interpreter,
  ST_X(near.geom) AS at_lon, ST_Y(near.geom) AS at_lat,
  ST_Distance(geography(near.geom), asked.place) AS distance_m, near.sphere_m,
  (
    SELECT count(*) FROM match m
    WHERE m.helper_id = h.id AND m.network_id = current_network() AND m.status = 'proposed'
      AND NOT coalesce(m.expires_at <= :now, false)
  ) AS pending
FROM asked
CROSS JOIN LATERAL (
  SELECT l.helper_id, l.geom, l.suits, geography(l.geom) <-> asked.place AS sphere_m
  FROM restricted.location_exact l
  WHERE l.helper_id IS NOT NULL AND l.network_id = current_network() AND l.way = CAST(:way AS smallint)
    AND l.suits @> CAST(:words AS text[])
    AND (cardinality(CAST(:spoken AS text[])) = 0 OR l.suits && CAST(:spoken AS text[]))
    AND (cardinality(CAST(:hours AS text[])) = 0 OR l.suits && CAST(:hours AS text[]))
  ORDER BY geography(l.geom) <-> asked.place
  OFFSET 0
) near
CROSS JOIN LATERAL (
  SELECT h.*
  FROM helper h
  WHERE h.id = near.helper_id AND h.network_id = current_network() AND {{why_not_helper}} IS NULL
  OFFSET 0
) h
ORDER BY near.sphere_m
LIMIT :page

-- ways --
-- The ways of travelling asked for, and how far the most willing of each would come.
SELECT CAST(w.way AS smallint) AS way, w.farthest_m
FROM (VALUES
  (1, :walk_m * (SELECT max(max_travel_min) FROM helper WHERE network_id = current_network() AND vehicle = 'none')),
  (2, :bicycle_m
    * (SELECT max(max_travel_min) FROM helper WHERE network_id = current_network() AND vehicle = 'bicycle')),
  (3, :car_m * (SELECT max(max_travel_min) FROM helper WHERE network_id = current_network() AND vehicle = 'car'))
) AS w (way, farthest_m)
WHERE w.farthest_m IS NOT NULL AND w.way = ANY (CAST(:ways AS integer[]))

-- passed_over_helpers --
-- Why helpers no farther than the last one kept do not suit, by the first reason that applies. The distance is
-- compared last: under row-level security a condition on it would keep the index from being used.
WITH asked AS ({{asked}}),
nearer AS (
  SELECT judged.reason, ST_Distance(geography(near.geom), asked.place) AS distance_m
  FROM asked
  CROSS JOIN LATERAL (
    SELECT l.helper_id, l.geom, l.suits
    FROM restricted.location_exact l
    WHERE l.helper_id IS NOT NULL AND l.network_id = current_network()
    ORDER BY geography(l.geom) <-> asked.place
    LIMIT :page
  ) near
  CROSS JOIN LATERAL (
    SELECT {{why_not_helper}} AS reason FROM helper h
    WHERE h.id = near.helper_id AND h.network_id = current_network()
    OFFSET 0
  ) judged
)
SELECT reason, count(*) AS total FROM nearer WHERE distance_m <= :within_m AND reason IS NOT NULL
GROUP BY reason ORDER BY count(*) DESC, reason

-- asked --
-- The place asked for, and the word of helpers who name no language, where they speak one of those that are asked for:
-- what the network speaks, or any where nobody has said.
SELECT
  geography(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AS place,
  CASE WHEN coalesce((
    SELECT cardinality(w.languages) = 0 OR EXISTS (
      SELECT FROM unnest(w.languages) AS spoken
      WHERE 'l:' || lower(split_part(spoken, '-', 1)) = ANY (CAST(:languages AS text[]))
    )
    FROM network w WHERE w.id = current_network()
  ), true) THEN ARRAY['l:?'] ELSE ARRAY[]::text[] END AS unstated

-- why_not_asset --
CASE
  WHEN CAST(:category AS text) IS NOT NULL AND NOT a.categories @> ARRAY[CAST(:category AS text)] THEN 'other_help'
  WHEN a.status <> 'active' THEN 'not_active'
  WHEN cardinality(CAST(:languages AS text[])) > 0 AND NOT a.interpreter AND NOT (
    CASE WHEN cardinality(a.languages) = 0 THEN cardinality(asked.unstated) > 0
    ELSE EXISTS (
      SELECT FROM unnest(a.languages) AS spoken
      WHERE 'l:' || lower(split_part(spoken, '-', 1)) = ANY (CAST(:languages AS text[]))
    ) END
  ) THEN 'no_shared_language'
  WHEN :wheelchair AND a.step_free = 'no' THEN 'not_step_free'
  WHEN a.capacity_per_week <= (
    SELECT count(*) FROM match m
    WHERE m.asset_id = a.id AND m.network_id = current_network()
      AND (m.status IN ('accepted', 'under_way')
        OR m.status = 'done' AND coalesce(m.done_at, m.updated_at) >= :week_began)
  ) THEN 'full'
END

-- nearest_assets_around --
-- Suitable public places from among the :look nearest, whether they suit or not.
WITH asked AS ({{asked}})
SELECT
  a.id, a.organization_id, a.kind, a.categories, a.name, a.description, a.status, a.is_private, a.cell, a.address,
  a.capacity_per_week, a.opening_hours, a.schedule, a.step_free, a.languages, a.interpreter, a.source, a.source_ref,
  a.assured_on, a.updated_at, a.version, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat,
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
WHERE {{why_not_asset}} IS NULL
ORDER BY a.sphere_m
LIMIT :page

-- nearest_assets --
-- The same from among all, whichever way the planner finds quicker.
WITH asked AS ({{asked}})
SELECT
  a.id, a.organization_id, a.kind, a.categories, a.name, a.description, a.status, a.is_private, a.cell, a.address,
  a.capacity_per_week, a.opening_hours, a.schedule, a.step_free, a.languages, a.interpreter, a.source, a.source_ref,
  a.assured_on, a.updated_at, a.version, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat,
  ST_X(a.geom) AS at_lon, ST_Y(a.geom) AS at_lat,
  ST_Distance(geography(a.geom), asked.place) AS distance_m,
  geography(a.geom) <-> asked.place AS sphere_m
FROM asset a
CROSS JOIN asked
WHERE a.geom IS NOT NULL
  AND a.network_id = current_network()
  AND (CAST(:category AS text) IS NULL OR a.categories @> ARRAY[CAST(:category AS text)])
  AND {{why_not_asset}} IS NULL
ORDER BY geography(a.geom) <-> asked.place
LIMIT :page

-- passed_over_assets --
-- Why places no farther than the last one kept do not suit.
WITH asked AS ({{asked}}),
nearer AS (
  SELECT {{why_not_asset}} AS reason, ST_Distance(geography(a.geom), asked.place) AS distance_m
  FROM asked
  CROSS JOIN LATERAL (
    SELECT n.*
    FROM asset n
    WHERE n.geom IS NOT NULL AND n.network_id = current_network()
    ORDER BY geography(n.geom) <-> asked.place
    LIMIT :page
  ) a
)
SELECT reason, count(*) AS total FROM nearer WHERE distance_m <= :within_m AND reason IS NOT NULL
GROUP BY reason ORDER BY count(*) DESC, reason

-- helpers_for_many --
-- Whoever may be asked about some of the categories at all, whatever language they speak, in the order of ids.
SELECT h.id, ST_X(l.geom) AS lon, ST_Y(l.geom) AS lat, array_to_string(l.suits, ' ') AS words, h.vehicle,
       h.max_travel_min, h.load + coalesce(p.pending, 0) AS load,
       coalesce(extract(epoch FROM h.last_asked_at)::float8, '-Infinity') AS asked_at,
       CASE WHEN :needs_hours THEN h.availability END AS availability
FROM restricted.location_exact l
JOIN helper h ON h.id = l.helper_id
LEFT JOIN (
  SELECT m.helper_id, count(*) AS pending FROM match m
  WHERE m.network_id = current_network() AND m.status = 'proposed' AND NOT coalesce(m.expires_at <= :now, false)
  GROUP BY m.helper_id
) p ON p.helper_id = h.id
WHERE l.helper_id IS NOT NULL AND l.network_id = current_network() AND h.network_id = current_network()
  AND l.suits @> CAST(:words AS text[])
  AND l.suits && CAST(:categories AS text[])
  AND (CAST(:rested_since AS timestamptz) IS NULL OR h.last_asked_at IS NULL
    OR h.last_asked_at <= CAST(:rested_since AS timestamptz))
  AND h.load + coalesce(p.pending, 0) < h.capacity_per_week
  AND NOT EXISTS (
    SELECT FROM restricted.preference s
    WHERE s.helper_id = h.id AND s.network_id = current_network() AND s.is_stopped
  )
ORDER BY h.id

-- not_for_many --
-- Which of these needs are not for which helpers: who was asked already, and who is kept apart from the household.
SELECT m.need_id, m.helper_id FROM match m
WHERE m.network_id = current_network() AND m.helper_id IS NOT NULL AND m.need_id = ANY (CAST(:need_ids AS uuid[]))
UNION
SELECT n.id, k.helper_id FROM need n JOIN kept_apart k ON k.household_id = n.household_id
WHERE n.network_id = current_network() AND k.network_id = current_network() AND n.id = ANY (CAST(:need_ids AS uuid[]))
