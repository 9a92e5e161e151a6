-- Why a try at a notice failed. Parameters: :id uuid, :error text.
UPDATE webhook_event SET error = :error WHERE id = :id
