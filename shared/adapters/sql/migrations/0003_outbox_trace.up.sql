-- An event waiting in the outbox keeps its place in its trace (W3C Trace Context), so that the relay, which publishes it
-- later and in another process, publishes it in the trace of who wrote it. Empty: it belongs to none.
ALTER TABLE outbox
  ADD COLUMN traceparent text NOT NULL DEFAULT '',
  ADD COLUMN tracestate text NOT NULL DEFAULT '';
