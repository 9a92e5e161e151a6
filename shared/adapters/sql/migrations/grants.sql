-- What deployables may do with the tables that this job owns: read and write rows, never the schema.
-- Runs after every upgrade, on Cloud SQL only.
GRANT USAGE ON SCHEMA public TO cloudsqliamserviceaccount;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO cloudsqliamserviceaccount;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO cloudsqliamserviceaccount;
