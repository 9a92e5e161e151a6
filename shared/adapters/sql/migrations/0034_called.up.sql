-- The name of its franchise for a title whose own names do not say it, folded, and its words: they count as
-- those of any other name it goes by. Few titles have one.
ALTER TABLE content_franchise
  ADD COLUMN called text,
  ADD COLUMN words tsvector GENERATED ALWAYS AS (setweight(to_tsvector('simple', called), 'A')) STORED;
CREATE INDEX content_franchise_called ON content_franchise (content_id) WHERE called IS NOT NULL;
