-- near --
-- Open requests near to some, of the same category: the nearest and newest first, and of each a bounded number. The
-- boxes are worked out before: a policy lets only what is leakproof use the index, which the comparison of two boxes is
-- and what makes them is not. They are a little larger than the radius, which decides.
WITH asked AS MATERIALIZED (
  SELECT a.id, a.category, l.geom,
         ST_Expand(l.geom, :within_m / (110000 * greatest(cos(radians(ST_Y(l.geom))), 0.01)), :within_m / 110000) AS box
  FROM need a
  JOIN restricted.location_exact l ON l.need_id = a.id AND l.network_id = current_network() AND l.geom IS NOT NULL
  WHERE a.id = ANY (:ids) AND a.network_id = current_network()
    AND a.status IN ('open', 'in_progress') AND NOT a.withheld
)
SELECT asked.id AS one, near.id AS other, near.distance_m
FROM asked
CROSS JOIN LATERAL (
  SELECT b.id, ST_Distance(geography(l.geom), geography(asked.geom)) AS distance_m
  FROM restricted.location_exact l
  JOIN need b ON b.id = l.need_id
  WHERE l.network_id = current_network() AND l.need_id IS NOT NULL AND l.geom && asked.box
    AND ST_DWithin(geography(l.geom), geography(asked.geom), :within_m)
    AND b.network_id = current_network() AND b.id <> asked.id AND b.category = asked.category
    AND b.status IN ('open', 'in_progress') AND NOT b.withheld
  ORDER BY distance_m, b.received_at DESC, b.id
  LIMIT :most
) AS near

-- reached --
-- Open requests that name the same telephone, wherever they are.
SELECT a.id AS one, alike.id AS other, alike.distance_m
FROM need a
JOIN restricted.contact ca ON ca.need_id = a.id AND ca.network_id = current_network() AND ca.reach IS NOT NULL
LEFT JOIN restricted.location_exact la ON la.need_id = a.id AND la.network_id = current_network()
CROSS JOIN LATERAL (
  SELECT b.id, ST_Distance(geography(lb.geom), geography(la.geom)) AS distance_m
  FROM restricted.contact cb
  JOIN need b ON b.id = cb.need_id
  LEFT JOIN restricted.location_exact lb ON lb.need_id = b.id AND lb.network_id = current_network()
  WHERE cb.network_id = current_network() AND cb.reach = ca.reach
    AND b.network_id = current_network() AND b.id <> a.id AND b.category = a.category
    AND b.status IN ('open', 'in_progress') AND NOT b.withheld
  ORDER BY b.received_at DESC, b.id
  LIMIT :most
) AS alike
WHERE a.id = ANY (:ids) AND a.network_id = current_network()
  AND a.status IN ('open', 'in_progress') AND NOT a.withheld

-- asked --
-- What is compared of requests.
SELECT n.id, n.category, n.received_at, n.household_size, l.address_typed, c.reach,
       CASE WHEN l.geom IS NOT NULL THEN coalesce(l.uncertainty_m, n.uncertainty_m) END AS uncertainty_m,
       CASE WHEN c.reach IS NULL THEN 1 ELSE (
         SELECT count(*) FROM (
           SELECT FROM restricted.contact o JOIN need p ON p.id = o.need_id
           WHERE o.network_id = current_network() AND o.reach = c.reach AND p.network_id = current_network()
             AND p.status IN ('open', 'in_progress')
           LIMIT 1000
         ) AS same
       ) END AS reach_count
FROM need n
LEFT JOIN restricted.location_exact l ON l.need_id = n.id AND l.network_id = current_network()
LEFT JOIN restricted.contact c ON c.need_id = n.id AND c.network_id = current_network()
WHERE n.id = ANY (:ids) AND n.network_id = current_network()
