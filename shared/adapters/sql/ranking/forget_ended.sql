-- Forget versions that ended before a time; never one that is in force.
-- Parameters: :before.
DELETE FROM ranking_config WHERE ended_at < :before
