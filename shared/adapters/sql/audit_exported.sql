-- How far a chain is archived. Grain: one row, none where nothing is. Parameters: :chain text.
SELECT number, hash FROM audit.exported WHERE chain = :chain
