# What clients listen to: a projection that can be made again from SQL.
resource "google_firestore_database" "main" {
  name                              = "(default)"
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"

  cmek_config {
    kms_key_name = local.keys["firestore"]
  }
}

resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.main.name
  retention = "${7 * 24 * 3600}s"

  daily_recurrence {}
}

# The two lists that a client sorts while it filters.
locals {
  firestore_indexes = {
    notifications = [
      { path = "read_at", order = "ASCENDING" },
      { path = "priority", order = "ASCENDING" },
      { path = "created_at", order = "ASCENDING" },
    ]
    progress = [
      { path = "completed", order = "ASCENDING" },
      { path = "updated_at", order = "DESCENDING" },
    ]
  }
}

resource "google_firestore_index" "list" {
  for_each = local.firestore_indexes

  database    = google_firestore_database.main.name
  collection  = each.key
  query_scope = "COLLECTION"

  dynamic "fields" {
    for_each = each.value

    content {
      field_path = fields.value.path
      order      = fields.value.order
    }
  }
}

# Collects garbage only: whether a command is still to be obeyed is checked where it is read.
resource "google_firestore_field" "command_expiry" {
  database   = google_firestore_database.main.name
  collection = "commands"
  field      = "expire_at"

  ttl_config {}
  # Nothing is searched by it, and an index on a growing time is a hot spot.
  index_config {}
}

resource "google_firebaserules_ruleset" "firestore" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  lifecycle {
    # The release in force names a ruleset, so the next must exist before the last goes.
    create_before_destroy = true
  }

  depends_on = [google_firestore_database.main]
}

resource "google_firebaserules_release" "firestore" {
  name         = "cloud.firestore"
  ruleset_name = google_firebaserules_ruleset.firestore.name
}
