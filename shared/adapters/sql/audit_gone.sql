-- What of a chain was archived and removed, by number.
-- Grain: one row per entries in a row. Parameters: :chain text.
SELECT first, last, prev_hash, hash FROM audit.gone WHERE chain = :chain ORDER BY first
