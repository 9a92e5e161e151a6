# One topic with its schema, and the topic for what its consumers could not handle in five tries.
resource "google_pubsub_schema" "schema" {
  name       = var.name
  type       = "PROTOCOL_BUFFER"
  definition = var.schema
}

resource "google_pubsub_topic" "topic" {
  name                       = var.name
  labels                     = var.labels
  kms_key_name               = var.key
  message_retention_duration = "${var.retention_days * 86400}s"

  message_storage_policy {
    allowed_persistence_regions = var.regions
    enforce_in_transit          = true
  }

  schema_settings {
    schema   = google_pubsub_schema.schema.id
    encoding = "JSON"
  }
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = var.publishers

  topic  = google_pubsub_topic.topic.id
  role   = "roles/pubsub.publisher"
  member = each.value
}

# No schema here: what was refused is kept as it came.
resource "google_pubsub_topic" "dead_letter" {
  name                       = "${var.name}--dead-letter"
  labels                     = var.labels
  kms_key_name               = var.key
  message_retention_duration = "${var.dead_letter_days * 86400}s"

  message_storage_policy {
    allowed_persistence_regions = var.regions
    enforce_in_transit          = true
  }
}

resource "google_pubsub_topic_iam_member" "dead_letter" {
  topic  = google_pubsub_topic.dead_letter.id
  role   = "roles/pubsub.publisher"
  member = var.agent
}

# Pushed to the function that keeps them, until it has: Pub/Sub itself would forget them after a month.
resource "google_pubsub_subscription" "dead_letter" {
  name                       = "${var.name}--dead-letter"
  topic                      = google_pubsub_topic.dead_letter.id
  labels                     = var.labels
  ack_deadline_seconds       = 60
  message_retention_duration = "${var.dead_letter_days * 86400}s"

  push_config {
    push_endpoint = "${var.keeper.url}/"

    oidc_token {
      service_account_email = var.keeper.account
      audience              = var.keeper.url
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  expiration_policy {
    ttl = "" # never
  }
}
