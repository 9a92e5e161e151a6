-- Count notices against a platform's rate, for all instances: GCRA by virtual scheduling (ITU-T I.371 Annex A).
-- Grain: one row where they conform, none where they come too early. Holds the registration until the commit, so notices of one
-- platform are kept one after the other.
-- Parameters: :platform text, :now timestamptz, :burst integer, :count integer.
UPDATE webhook_source
SET arrives_at = greatest(arrives_at, CAST(:now AS timestamptz))
  + CAST(:count AS integer) * interval '1 minute' / rate_per_minute
WHERE platform = :platform
  AND greatest(arrives_at, CAST(:now AS timestamptz)) - CAST(:now AS timestamptz)
    <= (CAST(:burst AS integer) - 1) * interval '1 minute' / rate_per_minute
RETURNING platform
