-- Let the provider be asked again that a run stopped.
-- Parameters: :run_id text.
DELETE FROM provider_stop WHERE run_id = :run_id
