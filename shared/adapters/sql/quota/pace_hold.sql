-- Read a key's pace and hold it against others until the transaction ends.
-- Grain: one row, made with the first call. Parameters: :provider :key_ref text.
INSERT INTO quota_pace (provider, key_ref, arrival)
VALUES (:provider, :key_ref, 0)
ON CONFLICT (provider, key_ref) DO UPDATE SET arrival = quota_pace.arrival
RETURNING arrival
