-- Forget an account's subscription with everything that waits for it.
-- Grain: the row that went, none where there is none of this account. Parameters: :id uuid, :owner text.
DELETE FROM webhook_subscription WHERE id = :id AND owner = :owner RETURNING id
