-- Offers that nobody confirms any more, and the places of seasons and episodes in their series.

-- Since when answers leave an offer out because whoever brings it has long been silent; it is known still.
ALTER TABLE availability ADD COLUMN hidden_at timestamptz;
CREATE INDEX availability_hidden ON availability (id) WHERE hidden_at IS NOT NULL;

-- What a platform's entry of a season or an episode says of its place, by source. It stays when titles merge or split, for
-- then the entry moves: series_link is made of it anew. episode_no NULL: the season itself. series_ids: ids of the series
-- as type:value. series_id: the series that was found; NULL: it has not come yet, or several fit.
CREATE TABLE series_part (
  platform text NOT NULL,
  platform_content_id text NOT NULL,
  source text NOT NULL,
  season_no integer NOT NULL,
  episode_no integer,
  series_key text,
  series_ids text[] NOT NULL DEFAULT '{}',
  observed_at timestamptz NOT NULL,
  series_id uuid,
  PRIMARY KEY (platform, platform_content_id, source)
);
CREATE INDEX series_part_of_series ON series_part (series_id, season_no, episode_no) WHERE series_id IS NOT NULL;
CREATE INDEX series_part_by_id ON series_part USING gin (series_ids);
CREATE INDEX series_part_by_key ON series_part (series_key);

-- The title at each place of a series, made of the parts: no foreign keys, or who links would wait for who merges.
-- A primary key would ask for an episode's number of a season, too.
CREATE TABLE series_link (
  series_id uuid NOT NULL,
  season_no integer NOT NULL,
  episode_no integer,
  content_id uuid NOT NULL,
  UNIQUE NULLS NOT DISTINCT (series_id, season_no, episode_no)
);
CREATE INDEX series_link_by_content ON series_link (content_id);
