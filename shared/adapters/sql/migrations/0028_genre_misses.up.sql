-- How often platforms said names of genres that no map of ours knows, by week (its Monday); somebody looks at them weekly.
CREATE TABLE genre_miss (
  week date NOT NULL,
  platform text NOT NULL, -- '' where a source speaks of no platform
  name text NOT NULL,
  times bigint NOT NULL,
  PRIMARY KEY (week, platform, name)
);
