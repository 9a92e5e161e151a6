-- Whether we want a topic. Grain: at most one row. Parameters: :topic text.
SELECT topic FROM webhook_topic WHERE topic = :topic
