-- Back to one source an offer, and links nobody reports on; for tests only, production goes forward.
DROP TABLE IF EXISTS link_health, link_vote, link_report, source_lag, offer_churn;
ALTER TABLE availability DROP COLUMN IF EXISTS sources, DROP COLUMN IF EXISTS lapses;
