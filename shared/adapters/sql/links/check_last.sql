-- What pages said when they were looked at last, those most of which are gone first.
-- Grain: one row per template. Parameters: :since date.
SELECT template, platform, found, moved, gone, refused, unreachable, CAST(examples AS text) AS examples, checked_at
FROM (
  SELECT DISTINCT ON (template, device) *
  FROM link_check
  WHERE week >= CAST(:since AS date)
  ORDER BY template, device, week DESC
) AS last
ORDER BY CAST(gone AS double precision) / greatest(1, found + moved + gone) DESC, template
