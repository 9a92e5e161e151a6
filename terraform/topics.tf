# One topic for every event that a manifest publishes or consumes, pushed to each function that consumes it. What is delivered
# again names the one function that it is for.
locals {
  consumers = { for folder, manifest in local.functions : folder => try(manifest.event.topics, []) if can(manifest.event) }
  consumed  = toset(flatten(values(local.consumers)))
  published = toset(flatten([for manifest in values(local.manifests) : try(manifest.publishes, [])]))
  topics    = setunion(local.consumed, local.published)
  schemas = {
    for file in fileset("${path.module}/schemas", "*.proto") :
    trimsuffix(file, ".proto") => file("${path.module}/schemas/${file}")
  }

  # Which titles there are, and where, is history for a month (spec/ingestion §4.3); everything else can be fetched again.
  retention_days = {
    "availability.changed" = 30
    "content.deleted"      = 30
    "content.ingested"     = 30
    "content.merged"       = 30
  }

  publishers = {
    for topic in local.topics : topic => {
      for folder, manifest in local.manifests : folder => local.members[folder]
      if contains(local.roles[folder], "roles/pubsub.publisher") && contains(try(manifest.publishes, []), topic)
    }
  }

  pushes = merge([
    for folder, topics in local.consumers : {
      for topic in topics : "${local.services[folder]}--${topic}" => { folder = folder, topic = topic }
    }
  ]...)
  push_accounts = {
    for folder in keys(local.consumers) :
    folder => "${google_service_account.push[folder].account_id}@${var.project}.iam.gserviceaccount.com"
  }
  # Without functions the plan stops elsewhere, with a reason.
  keeper = try([
    for folder, manifest in local.functions :
    { url = local.urls[folder], account = local.push_accounts[folder] } if try(manifest.event.dead_letters, false)
  ][0], { url = "", account = "" })
  push_members = { for folder, account in local.push_accounts : folder => "serviceAccount:${account}" }

  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

module "topic" {
  source   = "./modules/topic"
  for_each = local.topics

  name           = each.value
  schema         = lookup(local.schemas, each.value, "syntax = \"proto3\"; message Missing {}") # refused in manifests.tf
  retention_days = lookup(local.retention_days, each.value, 7)
  regions        = [var.region]
  labels         = local.labels
  agent          = local.pubsub_agent
  key            = local.keys["topics"]
  publishers     = local.publishers[each.value]
  keeper         = local.keeper

  depends_on = [google_project_service.api, google_project_service_identity.agent, google_service_account.push]
}

resource "google_service_account" "push" {
  for_each = local.consumers

  account_id   = "push-${local.services[each.key]}"
  display_name = "events to ${local.services[each.key]}"
  depends_on   = [google_project_service.api]
}

resource "google_pubsub_subscription" "push" {
  for_each = local.pushes

  name                       = each.key
  topic                      = module.topic[each.value.topic].id
  ack_deadline_seconds       = 60
  enable_message_ordering    = true
  filter                     = "attributes.redelivered_to = \"${local.services[each.value.folder]}\" OR NOT attributes:redelivered_to"
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${local.urls[each.value.folder]}/"

    oidc_token {
      service_account_email = local.push_accounts[each.value.folder]
      audience              = local.urls[each.value.folder]
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = module.topic[each.value.topic].dead_letter_topic
    max_delivery_attempts = 5
  }

  expiration_policy {
    ttl = "" # never
  }

  depends_on = [module.function]
}

# Pub/Sub takes a dead letter off the subscription as itself.
resource "google_pubsub_subscription_iam_member" "agent" {
  for_each = local.pushes

  subscription = google_pubsub_subscription.push[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
