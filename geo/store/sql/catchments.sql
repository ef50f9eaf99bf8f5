-- places --
-- Every place of help that should have its reach drawn, with what is there of the present point and model.
WITH place AS (
  SELECT a.id, false AS is_helper, coalesce(a.geom, l.geom) AS at, NULL::text AS vehicle, NULL::integer AS most
  FROM asset a
  LEFT JOIN restricted.location_exact l ON l.asset_id = a.id
  WHERE a.network_id = current_network() AND a.status = 'active' AND coalesce(a.geom, l.geom) IS NOT NULL
  UNION ALL
  SELECT h.id, true, l.geom, h.vehicle, h.max_travel_min
  FROM helper h
  JOIN restricted.location_exact l ON l.helper_id = h.id
  WHERE h.network_id = current_network() AND h.status = 'active' AND l.geom IS NOT NULL
)
SELECT p.id, p.is_helper, ST_X(p.at) AS lon, ST_Y(p.at) AS lat, p.vehicle, p.most,
       sha256(ST_AsBinary(p.at)) AS point_hash, coalesce(made.bands, '{}') AS made
FROM place p
LEFT JOIN LATERAL (
  SELECT array_agg(c.mode || ' ' || c.minutes) AS bands
  FROM restricted.catchment c
  WHERE (c.asset_id = p.id OR c.helper_id = p.id)
    AND c.network_id = current_network()
    AND c.model = :model
    AND c.point_hash = sha256(ST_AsBinary(p.at))
) made ON true
WHERE CAST(:after AS uuid) IS NULL OR p.id > CAST(:after AS uuid)
ORDER BY p.id
LIMIT :page

-- unwanted --
-- What is drawn around places that help no more. What has another model stays until it is drawn anew.
DELETE FROM restricted.catchment c
WHERE c.network_id = current_network()
  AND NOT EXISTS (
    SELECT FROM asset a WHERE a.id = c.asset_id AND a.status = 'active'
  )
  AND NOT EXISTS (
    SELECT FROM helper h
    WHERE h.id = c.helper_id AND h.status = 'active' AND c.minutes <= h.max_travel_min
      AND c.mode = CASE h.vehicle WHEN 'car' THEN 'car' WHEN 'bicycle' THEN 'bicycle' ELSE 'walk' END
  )

-- moved --
-- Of these places, those that are no longer where they were when their reach was drawn.
SELECT w.id
FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bytea[])) AS w (id, point_hash)
LEFT JOIN asset a ON a.id = w.id
LEFT JOIN restricted.location_exact l ON l.asset_id = w.id OR l.helper_id = w.id
WHERE sha256(ST_AsBinary(coalesce(a.geom, l.geom))) IS DISTINCT FROM w.point_hash

-- bands --
-- What is drawn around these places, for one mode and one time each, and still holds.
SELECT w.place, ST_AsBinary(c.geom) AS shape
FROM unnest(CAST(:ids AS uuid[]), CAST(:modes AS text[]), CAST(:minutes AS smallint[])) WITH ORDINALITY
  AS w (id, mode, minutes, place)
JOIN restricted.catchment c ON (c.asset_id = w.id OR c.helper_id = w.id) AND c.mode = w.mode AND c.minutes = w.minutes
LEFT JOIN asset a ON a.id = c.asset_id
LEFT JOIN restricted.location_exact l ON l.asset_id = c.asset_id OR l.helper_id = c.helper_id
WHERE c.network_id = current_network()
  AND c.model = :model
  AND c.point_hash = sha256(ST_AsBinary(coalesce(a.geom, l.geom)))

-- needs_in_bands --
-- Which open needs lie in the drawn reach of which place: surely, from wherever in their circle of uncertainty they may
-- be, or possibly. Degrees that are surely wide enough find the candidates by the index; metres decide.
WITH asked AS (
  SELECT l.need_id, l.geom, coalesce(l.uncertainty_m, 0) AS off_m
  FROM restricted.location_exact l
  JOIN need n ON n.id = l.need_id
  WHERE l.network_id = current_network()
    AND l.geom IS NOT NULL
    AND n.network_id = current_network()
    AND n.status IN ('open', 'in_progress')
    AND (CAST(:after AS uuid) IS NULL OR l.need_id > CAST(:after AS uuid))
  ORDER BY l.need_id
  LIMIT :page
)
SELECT asked.need_id, c.asset_id, c.helper_id,
       ST_Covers(c.geom, asked.geom)
         AND NOT ST_DWithin(geography(ST_Boundary(c.geom)), geography(asked.geom), asked.off_m) AS surely
FROM asked
JOIN restricted.catchment c
  ON c.geom && ST_Expand(asked.geom, asked.off_m / (110000 * cos(radians(ST_Y(asked.geom)))), asked.off_m / 110000)
WHERE c.network_id = current_network()
  AND c.mode = :mode
  AND c.minutes = :minutes
  AND c.model = :model
  AND ST_DWithin(geography(c.geom), geography(asked.geom), asked.off_m)
ORDER BY asked.need_id, c.id

-- counts --
SELECT count(*) AS drawn, count(*) FILTER (WHERE model <> :model) AS of_another_model
FROM restricted.catchment WHERE network_id = current_network()
