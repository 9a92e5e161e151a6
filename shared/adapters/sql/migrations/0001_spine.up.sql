-- The spine: titles, where they can be watched, and what the flow that brings them in must remember.
-- Needs PostgreSQL 15 (NULLS NOT DISTINCT) and no extension.
--
-- Rows of content are never deleted by the product (deleted_at, merged_into), so the bulk children that
-- only the catalog writer fills (titles, genres, credits, images …) carry no foreign key: a check per row
-- would cost a third of the write path and could never fire.

CREATE TABLE content (
  id uuid PRIMARY KEY,
  content_type text NOT NULL CHECK (content_type IN
    ('movie', 'series', 'season', 'episode', 'short', 'documentary', 'special', 'unknown')),
  title text NOT NULL,
  original_title text,
  title_key text NOT NULL,
  overview text,
  release_year smallint,
  release_date date,
  runtime_minutes smallint,
  countries text[] NOT NULL DEFAULT '{}',
  popularity_score real NOT NULL DEFAULT .5,
  average_rating real,
  vote_count integer,
  maturity_rank smallint,
  quality_score real,
  is_original boolean NOT NULL DEFAULT false,
  series_seasons smallint,
  series_episodes integer,
  series_status text,
  sample boolean NOT NULL DEFAULT false,
  search_tsv tsvector NOT NULL DEFAULT '',
  content_hash bytea NOT NULL,
  text_hash bytea,
  embedding_version text,
  embedded_at timestamptz,
  checked_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  merged_into uuid REFERENCES content (id)
);
CREATE INDEX content_by_popularity ON content (popularity_score DESC, id)
  WHERE deleted_at IS NULL AND merged_into IS NULL;
CREATE INDEX content_by_change ON content (updated_at, id);
CREATE INDEX content_by_year ON content (release_year);
CREATE INDEX content_not_embedded ON content (id) WHERE embedded_at IS NULL;
CREATE INDEX content_words ON content USING gin (search_tsv);

-- Every name a title goes by. locale: BCP 47, or 'main' and 'original' for the two of content itself.
CREATE TABLE content_title (
  content_id uuid NOT NULL,
  locale text NOT NULL,
  title text NOT NULL,
  title_key text NOT NULL,
  PRIMARY KEY (content_id, locale)
);
CREATE INDEX content_title_by_key ON content_title (title_key);

-- Hashes of parts of a title under which similar titles meet (shared/matching/blocks.py).
CREATE TABLE title_block (
  block integer NOT NULL,
  content_id uuid NOT NULL,
  PRIMARY KEY (block, content_id)
);

CREATE TABLE content_genre (
  content_id uuid NOT NULL,
  value text NOT NULL,
  ord smallint NOT NULL,
  PRIMARY KEY (content_id, value)
);
CREATE INDEX content_genre_by_value ON content_genre (value, content_id);

CREATE TABLE content_theme (
  content_id uuid NOT NULL,
  value text NOT NULL,
  ord smallint NOT NULL,
  PRIMARY KEY (content_id, value)
);

CREATE TABLE content_mood (
  content_id uuid NOT NULL,
  value text NOT NULL,
  ord smallint NOT NULL,
  PRIMARY KEY (content_id, value)
);

CREATE TABLE credit (
  content_id uuid NOT NULL,
  ord smallint NOT NULL,
  person_name text NOT NULL,
  person_key text NOT NULL,
  role text NOT NULL CHECK (role IN ('actor', 'director', 'writer', 'creator')),
  character text,
  PRIMARY KEY (content_id, ord)
);
CREATE INDEX credit_by_person ON credit (person_key, content_id);

CREATE TABLE content_rating (
  content_id uuid NOT NULL,
  region text NOT NULL,
  system text NOT NULL,
  value text NOT NULL,
  rank smallint,
  PRIMARY KEY (content_id, region, system)
);

CREATE TABLE image (
  content_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('poster', 'backdrop', 'logo')),
  width integer NOT NULL,
  url text NOT NULL,
  PRIMARY KEY (content_id, kind, width)
);

-- Who wrote what: one row per title and source, with the fields whose value is that source's.
CREATE TABLE field_source (
  content_id uuid NOT NULL,
  source text NOT NULL,
  fields text[] NOT NULL,
  source_updated_at timestamptz NOT NULL,
  PRIMARY KEY (content_id, source)
);

-- Ids others gave. Only confidence >= .95 may lead to a title; weaker ones are kept as knowledge.
CREATE TABLE external_id (
  id_type text NOT NULL CHECK (id_type IN
    ('eidr', 'gracenote', 'imdb', 'tmdb_movie', 'tmdb_tv', 'tvdb', 'sa')),
  id_value text NOT NULL,
  content_id uuid NOT NULL REFERENCES content (id),
  confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  source text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (id_type, id_value)
);
CREATE INDEX external_id_by_content ON external_id (content_id);

-- A platform's own entry, and how it came to its title.
CREATE TABLE platform_listing (
  platform text NOT NULL,
  platform_content_id text NOT NULL,
  content_id uuid NOT NULL REFERENCES content (id),
  url text,
  method text NOT NULL,
  confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  first_seen timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  PRIMARY KEY (platform, platform_content_id)
);
CREATE INDEX platform_listing_by_content ON platform_listing (content_id);

-- What one source last said of an entry in a region. item_hash: of the title itself; offers_hash: of its
-- offers. The same hash again changes nothing; an observation older than observed_at is ignored.
CREATE TABLE listing_region (
  platform text NOT NULL,
  platform_content_id text NOT NULL,
  region text NOT NULL,
  source text NOT NULL,
  item_hash bytea NOT NULL,
  offers_hash bytea NOT NULL,
  observed_at timestamptz NOT NULL,
  PRIMARY KEY (platform, platform_content_id, region, source)
);

CREATE TABLE availability (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  content_id uuid NOT NULL REFERENCES content (id),
  platform text NOT NULL,
  region text NOT NULL,
  offer_type text NOT NULL CHECK (offer_type IN
    ('subscription', 'addon', 'free', 'ads', 'rental', 'purchase')),
  tier text,
  quality text CHECK (quality IN ('sd', 'hd', 'qhd', 'uhd')),
  platform_content_id text NOT NULL,
  price_minor integer,
  currency text,
  link text,
  video_link text,
  audio text[] NOT NULL DEFAULT '{}',
  subtitles text[] NOT NULL DEFAULT '{}',
  available_from timestamptz,
  expires_at timestamptz,
  first_seen timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  ended_at timestamptz,
  source text NOT NULL,
  UNIQUE NULLS NOT DISTINCT (content_id, platform, region, offer_type, tier, quality)
);
CREATE INDEX availability_live ON availability (platform, region, content_id) WHERE ended_at IS NULL;
CREATE INDEX availability_by_listing ON availability (platform, platform_content_id, region);
CREATE INDEX availability_expiring ON availability (expires_at)
  WHERE ended_at IS NULL AND expires_at IS NOT NULL;

CREATE TABLE content_embedding (
  content_id uuid PRIMARY KEY,
  model text NOT NULL,
  text_hash bytea NOT NULL,
  vector bytea NOT NULL,
  updated_at timestamptz NOT NULL
);

-- One row per catalog part a run fetches; a run is its rows of one run_id.
CREATE TABLE ingest_run (
  run_id text NOT NULL,
  provider text NOT NULL,
  platform text NOT NULL,
  region text NOT NULL,
  kind text NOT NULL,
  started_at timestamptz NOT NULL,
  fetched_at timestamptz,
  error text,
  PRIMARY KEY (run_id, provider, platform, region)
);

CREATE TABLE ingest_page (
  raw_uri text PRIMARY KEY,
  run_id text NOT NULL,
  provider text NOT NULL,
  platform text NOT NULL,
  region text NOT NULL,
  page integer NOT NULL,
  read integer NOT NULL DEFAULT 0,
  normalized integer NOT NULL DEFAULT 0,
  resolved integer NOT NULL DEFAULT 0,
  set_aside integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX ingest_page_by_run ON ingest_page (run_id);

CREATE TABLE ingest_error (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id text NOT NULL,
  stage text NOT NULL,
  raw_uri text NOT NULL,
  field text NOT NULL DEFAULT '',
  error text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (stage, raw_uri)
);
CREATE INDEX ingest_error_by_run ON ingest_error (run_id, id);

CREATE TABLE sync_cursor (
  provider text NOT NULL,
  platform text NOT NULL,
  region text NOT NULL,
  kind text NOT NULL,
  cursor text,
  watermark timestamptz,
  last_full_at timestamptz,
  status text NOT NULL DEFAULT 'idle',
  PRIMARY KEY (provider, platform, region, kind)
);

-- What a person must decide. content_id: where the item lives meanwhile; candidate_id: whom it may also be.
CREATE TABLE review_item (
  id uuid PRIMARY KEY,
  reason text NOT NULL,
  platform text NOT NULL,
  platform_content_id text NOT NULL,
  region text NOT NULL,
  raw_uri text NOT NULL,
  content_id uuid NOT NULL,
  candidate_id uuid NOT NULL,
  id_type text,
  id_value text,
  score real NOT NULL,
  features jsonb NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'merged', 'separate')),
  decided_by text,
  decided_at timestamptz,
  created_at timestamptz NOT NULL,
  UNIQUE (platform, platform_content_id, reason, candidate_id)
);
CREATE INDEX review_item_open ON review_item (status, score DESC);

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL UNIQUE,
  topic text NOT NULL,
  ordering_key text NOT NULL DEFAULT '',
  payload text NOT NULL, -- the envelope as JSON; never looked into here
  created_at timestamptz NOT NULL,
  published_at timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;

CREATE TABLE processed_event (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  processed_at timestamptz NOT NULL,
  PRIMARY KEY (consumer, event_id)
);

CREATE TABLE rejected_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer text NOT NULL,
  event_id text NOT NULL,
  reason text NOT NULL,
  payload bytea NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (consumer, event_id)
);

CREATE TABLE app_user (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE,
  name text NOT NULL,
  region text NOT NULL,
  language text NOT NULL,
  platforms text[] NOT NULL DEFAULT '{}',
  sample boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);
