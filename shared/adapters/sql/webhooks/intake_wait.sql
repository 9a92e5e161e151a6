-- Seconds until a platform's next notice conforms.
-- Grain: one row, none without a registration. Parameters: :platform text, :now timestamptz, :burst integer.
SELECT CAST(extract(EPOCH FROM
  arrives_at - (CAST(:burst AS integer) - 1) * interval '1 minute' / rate_per_minute - CAST(:now AS timestamptz)
) AS float8) AS seconds
FROM webhook_source
WHERE platform = :platform
