-- first_broken --
-- The first place, counted from 1, where the chain of the session's network is not whole. It hashes anew with what
-- the server has built in, and does not call the trigger's own function, which might have been changed along.
SELECT place FROM (
  SELECT
    row_number() OVER links AS place,
    seq,
    prev,
    lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER links AS before,
    hash,
    sha256(prev || convert_to(jsonb_build_array(
      network_id, seq, (extract(epoch FROM at) * 1000000)::bigint, actor, actor_kind, action,
      object_kind, object_ids, fields, count
    )::text, 'UTF8')) AS due
  FROM audit
  WHERE network_id = current_network()
  WINDOW links AS (ORDER BY seq)
) AS walked
WHERE seq IS DISTINCT FROM place OR prev IS DISTINCT FROM before OR hash IS DISTINCT FROM due
ORDER BY place
LIMIT 1
