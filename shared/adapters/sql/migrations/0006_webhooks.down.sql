-- No webhooks any more; for tests only, production goes forward.
DROP TABLE IF EXISTS webhook_delivery, webhook_subscription, webhook_topic, webhook_tally, webhook_event, webhook_source;
