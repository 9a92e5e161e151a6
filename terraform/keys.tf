# Our own encryption keys, one per kind of store. `local.keys` waits for the agent of that store to be allowed its key.
locals {
  key_services = {
    artifacts = "artifactregistry.googleapis.com"
    cache     = "redis.googleapis.com"
    database  = "sqladmin.googleapis.com"
    firestore = "firestore.googleapis.com"
    secrets   = "secretmanager.googleapis.com"
    topics    = "pubsub.googleapis.com"
  }

  key_agents = merge(
    { for use, agent in google_project_service_identity.agent : use => agent.email },
    { buckets = data.google_storage_project_service_account.this.email_address },
  )

  # A replica in another region is encrypted by a key that lives there.
  replica_regions = setsubtract([for replica in var.database.replicas : replica.region], [var.region])

  key_places = merge(
    { for use in concat(keys(local.key_services), ["buckets"]) : use => { use = use, region = var.region } },
    { for region in local.replica_regions : "database-${region}" => { use = "database", region = region } },
  )

  keys = { for name, member in google_kms_crypto_key_iam_member.agent : name => member.crypto_key_id }
}

data "google_storage_project_service_account" "this" {
  depends_on = [google_project_service.api]
}

# Agents come into being with the first resource of their kind, which is too late to be allowed a key.
resource "google_project_service_identity" "agent" {
  provider = google-beta
  for_each = local.key_services

  service = each.value

  depends_on = [google_project_service.api]
}

resource "google_kms_key_ring" "ring" {
  for_each = setunion([var.region], local.replica_regions)

  name     = local.name
  location = each.value

  depends_on = [google_project_service.api]
}

resource "google_kms_crypto_key" "key" {
  for_each = local.key_places

  name                       = each.key
  key_ring                   = google_kms_key_ring.ring[each.value.region].id
  rotation_period            = "${90 * 24 * 3600}s"
  destroy_scheduled_duration = "${30 * 24 * 3600}s"
  labels                     = local.labels

  lifecycle {
    # Without its key everything it encrypted is gone, backups included.
    prevent_destroy = true
  }
}

resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = local.key_places

  crypto_key_id = google_kms_crypto_key.key[each.key].id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${local.key_agents[each.value.use]}"
}
