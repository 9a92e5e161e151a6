-- Wait until nobody else counts the people of a text, and let nobody else before this transaction ends. A statement
-- of its own, so that the one that counts begins after it and sees what the others wrote.
-- Grain: one row.
-- Parameters: :lock bigint, of the text.
SELECT pg_advisory_xact_lock(CAST(:lock AS bigint))
