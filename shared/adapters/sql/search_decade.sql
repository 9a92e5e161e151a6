-- The decade of content c, null where its year is unknown (spec/discovery §5.8).
CASE WHEN c.release_year < 1980 THEN 'Classic' ELSE (c.release_year / 10 * 10) || 's' END
