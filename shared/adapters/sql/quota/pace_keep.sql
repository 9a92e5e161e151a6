-- Keep a key's pace, which this transaction holds.
-- Grain: one row. Parameters: :provider :key_ref text, :arrival bigint.
UPDATE quota_pace SET arrival = CAST(:arrival AS bigint)
WHERE provider = :provider AND key_ref = :key_ref
