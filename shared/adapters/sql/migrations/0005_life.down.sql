-- Back to titles that only grow; for tests only, production goes forward.
DROP INDEX IF EXISTS ingest_run_by_start;
DROP INDEX IF EXISTS content_by_quality;
DROP TABLE IF EXISTS quality_report;
DROP TABLE IF EXISTS quota_ledger;
DROP INDEX IF EXISTS content_by_merger;
DROP INDEX IF EXISTS review_item_by_candidate;
DROP INDEX IF EXISTS review_item_by_pair;
DROP TABLE IF EXISTS title_merge;
DROP TABLE IF EXISTS expiration_notice;
