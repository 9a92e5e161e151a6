-- A try failed; another follows. Parameters: :id uuid, :error text, :next_at timestamptz.
UPDATE webhook_delivery SET next_at = :next_at, last_error = :error
WHERE id = :id AND status = 'waiting'
