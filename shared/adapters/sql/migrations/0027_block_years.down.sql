-- The hashes stay; an older program finds titles by equal names until they are written again.
ALTER TABLE title_block DROP CONSTRAINT title_block_pkey;
ALTER TABLE title_block DROP COLUMN year;
ALTER TABLE title_block ADD PRIMARY KEY (block, content_id);
