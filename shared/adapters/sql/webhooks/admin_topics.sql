-- Make a platform's topics those that are named: others are forgotten, known ones keep their lease.
-- Parameters: :platform text, :topics json array, :now timestamptz.
WITH given AS MATERIALIZED (
  SELECT DISTINCT jsonb_array_elements_text(CAST(:topics AS jsonb)) AS topic
),
gone AS (
  DELETE FROM webhook_topic
  WHERE platform = :platform AND topic NOT IN (SELECT topic FROM given)
)
INSERT INTO webhook_topic (topic, platform, created_at)
SELECT topic, :platform, :now FROM given
ON CONFLICT (topic) DO NOTHING
