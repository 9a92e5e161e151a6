-- Why two titles are neighbors and how much, from src's side; built every night (functions/search_edges).
-- Reads go by (src, weight): the strongest edges of some titles, without looking at the rows themselves.
CREATE TABLE content_edge (
  src uuid NOT NULL,
  dst uuid NOT NULL,
  edge_type text NOT NULL CHECK (edge_type IN ('similar_to', 'same_franchise', 'same_director', 'shared_cast')),
  weight real NOT NULL CHECK (weight > 0 AND weight <= 1),
  source text NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (src, dst, edge_type),
  CHECK (src <> dst)
);
CREATE INDEX content_edge_strongest ON content_edge (src, weight DESC, dst);

-- Titles of one franchise share an id, that of one of them.
CREATE TABLE content_franchise (
  content_id uuid PRIMARY KEY,
  franchise uuid NOT NULL,
  updated_at timestamptz NOT NULL
);
