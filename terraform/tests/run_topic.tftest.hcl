variables {
  agent   = "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com"
  keeper  = { url = "https://dead-letters-keep.example", account = "push@media-gateway.example" }
  key     = "key"
  name    = "content.updated"
  regions = ["us-central1"]
  schema  = "syntax = \"proto3\"; message Envelope { string event_id = 1; }"
}

run "dead_letters_have_a_subscription_that_never_expires" {
  command = plan

  module {
    source = "./modules/topic"
  }

  assert {
    condition     = google_pubsub_subscription.dead_letter.expiration_policy[0].ttl == ""
    error_message = "Dead letters would be lost after a month without a reader."
  }

  assert {
    condition     = google_pubsub_subscription.dead_letter.push_config[0].push_endpoint == "https://dead-letters-keep.example/"
    error_message = "Nobody would keep a dead letter longer than Pub/Sub does."
  }

  assert {
    condition     = google_pubsub_topic_iam_member.dead_letter.member == "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com"
    error_message = "Pub/Sub may not set dead letters aside."
  }
}

run "messages_stay_in_the_regions_that_were_named" {
  command = plan

  module {
    source = "./modules/topic"
  }

  assert {
    condition = alltrue([
      for topic in [google_pubsub_topic.topic, google_pubsub_topic.dead_letter] :
      topic.message_storage_policy[0].allowed_persistence_regions == toset(["us-central1"])
    ])
    error_message = "Messages may be kept anywhere."
  }
}

run "schema_that_imports_another_is_refused" {
  command = plan

  module {
    source = "./modules/topic"
  }

  variables {
    schema = <<-PROTO
      syntax = "proto3";
      import "google/protobuf/timestamp.proto";
      message Envelope { string event_id = 1; }
    PROTO
  }

  expect_failures = [var.schema]
}

run "retention_beyond_a_month_is_refused" {
  command = plan

  module {
    source = "./modules/topic"
  }

  variables {
    retention_days = 32
  }

  expect_failures = [var.retention_days]
}

run "name_that_is_no_event_is_refused" {
  command = plan

  module {
    source = "./modules/topic"
  }

  variables {
    name = "Content_Updated"
  }

  expect_failures = [var.name]
}
