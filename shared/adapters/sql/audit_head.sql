-- Where a chain ends. Grain: one row, none for a chain without entries. Parameters: :chain text.
SELECT number, hash FROM audit.chain WHERE name = :chain
