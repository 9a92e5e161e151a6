-- How many questions wait for a person. Grain: one row.
SELECT count(*) FROM review_item WHERE status = 'pending'
