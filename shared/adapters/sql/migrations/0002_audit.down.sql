-- Back to the spine; for tests only, production goes forward.
DROP SCHEMA IF EXISTS audit CASCADE;
