-- Keep what pages of templates said in a week, in the place of what was seen in it before; old weeks are forgotten.
-- Grain: one row per template.
-- Parameters: :rows json array; :device text; :week :forget date; :now timestamptz, as text.
WITH old AS (
  DELETE FROM link_check WHERE week < CAST(:forget AS date)
)
INSERT INTO link_check (
  template, device, week, platform, found, moved, gone, refused, unreachable, examples, checked_at
)
SELECT
  template, :device, CAST(:week AS date), platform, found, moved, gone, refused, unreachable, examples,
  CAST(:now AS timestamptz)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
  template text, platform text, found integer, moved integer, gone integer, refused integer,
  unreachable integer, examples jsonb
)
ON CONFLICT (template, device, week) DO UPDATE SET
  found = excluded.found,
  moved = excluded.moved,
  gone = excluded.gone,
  refused = excluded.refused,
  unreachable = excluded.unreachable,
  examples = excluded.examples,
  checked_at = excluded.checked_at
