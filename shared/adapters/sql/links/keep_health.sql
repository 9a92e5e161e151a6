-- Keep what is concluded about a template after a vote.
-- Parameters: :template, :device text; :evidence; :votes; :voted_at, :quarantined_at timestamptz.
UPDATE link_health SET
  evidence = :evidence,
  votes = :votes,
  voted_at = CAST(:voted_at AS timestamptz),
  quarantined_at = CAST(:quarantined_at AS timestamptz)
WHERE template = :template AND device = :device
