-- Back to a log that is kept in the database alone; for tests only, production goes forward.
DROP FUNCTION IF EXISTS audit.remove_month();
DROP FUNCTION IF EXISTS audit.note_export(text, bigint, bytea);
DROP FUNCTION IF EXISTS audit.require(text);
DROP TABLE IF EXISTS audit.gone;
DROP TABLE IF EXISTS audit.exported;
