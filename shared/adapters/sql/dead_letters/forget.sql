-- Forget what has been kept long enough, whatever became of it. Parameters: :before timestamptz.
DELETE FROM rejected_event WHERE created_at < :before
