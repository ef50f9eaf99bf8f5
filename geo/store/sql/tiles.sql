-- draw_cells --
-- Give hexagons that were counted without a shape the one they have; what is drawn stays.
UPDATE tile_cell c
SET geom = ST_SetSRID(ST_GeomFromWKB(drawn.shape), 3857)
FROM unnest(CAST(:cells AS text[]), CAST(:shapes AS bytea[])) AS drawn (cell, shape)
WHERE c.network_id = current_network() AND c.cell = drawn.cell AND c.geom IS NULL

-- given_cells --
-- A layer of hexagons that are given, each with its words as JSON.
SELECT ST_AsMVT(t, :layer, 4096, 'geom') AS tile, count(*) AS shown
FROM (
  SELECT
    ST_AsMVTGeom(ST_SetSRID(ST_GeomFromWKB(given.shape), 3857), ST_TileEnvelope(:z, :x, :y), 4096, 64, true) AS geom,
    given.words::jsonb AS words
  FROM unnest(CAST(:shapes AS bytea[]), CAST(:words AS text[])) AS given (shape, words)
) t
WHERE t.geom IS NOT NULL

-- dropped --
-- A layer of one point in the middle that says how many did not find room.
SELECT ST_AsMVT(t, 'dropped', 4096, 'geom') AS tile
FROM (SELECT CAST(:dropped AS integer) AS count, ST_MakePoint(2048, 2048) AS geom) t
