-- Note that a chain is archived up to an entry; going back changes nothing.
-- Grain: one row. Parameters: :chain text; :number bigint; :hash bytea.
SELECT audit.note_export(:chain, :number, :hash)
