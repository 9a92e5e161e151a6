-- A delivery was taken. Parameters: :id uuid, :now timestamptz.
UPDATE webhook_delivery SET status = 'delivered', finished_at = :now, last_error = NULL
WHERE id = :id AND status = 'waiting'
