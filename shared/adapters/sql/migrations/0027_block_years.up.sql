-- Blocks keep their year beside the hash, so that three years of one block are one look (shared/matching/blocks.py). What was
-- kept under hashes with the year in them is put under those of today right after.
TRUNCATE title_block;
ALTER TABLE title_block
  DROP CONSTRAINT title_block_pkey,
  ADD COLUMN year smallint NOT NULL, -- 0: not known
  ADD PRIMARY KEY (block, year, content_id);
