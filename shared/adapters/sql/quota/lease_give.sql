-- Give a part's lease back, where the run still has it.
-- Grain: one row. Parameters: :provider :platform :region :kind :run_id text.
DELETE FROM fetch_lease
WHERE provider = :provider AND platform = :platform AND region = :region AND kind = :kind AND run_id = :run_id
