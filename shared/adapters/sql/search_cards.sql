-- What results show of titles, as one JSON array: the driver pays per field. The last judge of every hard filter:
-- what was ranked may have been read seconds ago.
-- Grain: one element per title that exists and passes. Cost: four index look-ups per id, and what the filters ask.
-- Parameters: :ids uuid[]; those of search_filters.sql.
SELECT CAST(coalesce(json_agg(found), '[]') AS text) AS found
FROM (
  SELECT
    c.id,
    c.overview,
    c.content_type,
    c.maturity_rank,
    (SELECT json_agg(g.value ORDER BY g.ord) FROM content_genre g WHERE g.content_id = c.id) AS genres,
    -- The widest picture of each kind; what is shown of it is decided in `shared.catalog.hosting`, as for the title's page.
    (SELECT json_agg(json_build_object('kind', w.kind, 'width', w.width, 'url', w.url))
     FROM (
       SELECT DISTINCT ON (i.kind) i.kind, i.width, i.url
       FROM image i
       WHERE i.content_id = c.id AND i.url LIKE 'https://%'
       ORDER BY i.kind, i.width DESC
     ) AS w) AS images,
    (SELECT json_agg(DISTINCT a.platform)
     FROM availability a
     WHERE a.content_id = c.id
      AND /* search_live */) AS platforms
  FROM content c
  WHERE c.id = ANY (CAST(:ids AS uuid[])) AND /* search_filters */
) AS found
