-- Whether an application was disabled.
-- Grain: one row where it was, or none.
-- Parameters: :client_id text.
SELECT client_id
FROM oauth_client
WHERE client_id = :client_id AND disabled
