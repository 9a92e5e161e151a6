-- Back to the audit log; for tests only, production goes forward.
ALTER TABLE outbox DROP COLUMN IF EXISTS traceparent, DROP COLUMN IF EXISTS tracestate;
