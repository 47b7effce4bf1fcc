-- One batch of the fill. Rows that a request changes right now are left out: the trigger fills them.
WITH batch AS (
  SELECT slug FROM links WHERE target_url IS NULL LIMIT :size FOR UPDATE SKIP LOCKED
), filled AS (
  UPDATE links SET target_url = target FROM batch WHERE links.slug = batch.slug RETURNING 1
)
SELECT count(*) FROM filled;
