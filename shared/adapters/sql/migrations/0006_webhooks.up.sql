-- Webhooks in (spec/ingestion §4.4, §5.10): registrations, notices with their dead letters, counters.
-- Webhooks out: subscriptions and their deliveries. No secret stands here: incoming ones by reference,
-- outgoing ones sealed with a key of Secret Manager.

-- arrives_at: theoretical arrival of the next notice (GCRA, ITU-T I.371 Annex A).
CREATE TABLE webhook_source (
  platform text PRIMARY KEY,
  secret_ref text NOT NULL,
  previous_secret_ref text,
  event_types text[] NOT NULL DEFAULT '{}',
  rate_per_minute integer NOT NULL CHECK (rate_per_minute BETWEEN 1 AND 6000),
  legacy boolean NOT NULL DEFAULT false,
  arrives_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- One notice. event_hash: what repeated deliveries share; a notice of another kind about the same listing
-- supersedes it, so that added, removed, added again is three notices. status: received → processed,
-- outdated (a later notice had been applied) or dead (given up; replay makes it received again).
CREATE TABLE webhook_event (
  id uuid PRIMARY KEY,
  event_hash bytea NOT NULL,
  platform text NOT NULL,
  event_type text NOT NULL,
  listing text NOT NULL,
  said_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  touched_at timestamptz NOT NULL,
  status text NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'processed', 'outdated', 'dead')),
  superseded boolean NOT NULL DEFAULT false,
  attempts integer NOT NULL DEFAULT 0,
  replays integer NOT NULL DEFAULT 0,
  raw_uri text NOT NULL,
  outcome text,
  error text,
  finished_at timestamptz
);
CREATE UNIQUE INDEX webhook_event_once ON webhook_event (event_hash) WHERE NOT superseded;
CREATE INDEX webhook_event_by_listing ON webhook_event (platform, listing);
CREATE INDEX webhook_event_by_status ON webhook_event (status, platform, received_at);

-- How many deliveries of an hour ended how, by the bound of the milliseconds they took.
CREATE TABLE webhook_tally (
  platform text NOT NULL,
  hour timestamptz NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('accepted', 'duplicate', 'rejected', 'failed')),
  within_ms integer NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (platform, hour, outcome, within_ms)
);

-- What a hub may push to us (WebSub §5.3): a topic that is not here is confirmed to nobody.
CREATE TABLE webhook_topic (
  topic text PRIMARY KEY,
  platform text NOT NULL,
  lease_seconds integer,
  confirmed_at timestamptz,
  renew_at timestamptz,
  created_at timestamptz NOT NULL
);

CREATE TABLE webhook_subscription (
  id uuid PRIMARY KEY,
  owner text NOT NULL,
  url text NOT NULL,
  event_types text[] NOT NULL,
  sealed_secret text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
  paused_because text,
  paused_at timestamptz,
  created_at timestamptz NOT NULL,
  UNIQUE (owner, url)
);
CREATE INDEX webhook_subscription_active ON webhook_subscription (id) WHERE status = 'active';

-- One event for one subscriber. next_at: when it is tried next; a try in progress holds it for a while.
CREATE TABLE webhook_delivery (
  id uuid PRIMARY KEY,
  subscription_id uuid NOT NULL REFERENCES webhook_subscription (id) ON DELETE CASCADE,
  event_id uuid NOT NULL,
  event_type text NOT NULL,
  body text NOT NULL,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL,
  last_error text,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  UNIQUE (subscription_id, event_id)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (next_at) WHERE status = 'waiting';
CREATE INDEX webhook_delivery_finished ON webhook_delivery (finished_at) WHERE finished_at IS NOT NULL;
