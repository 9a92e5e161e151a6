# Raw provider pages, artifacts (models, snapshots, route tables), sources (bundles) and the audit log.

resource "google_storage_bucket" "raw" {
  name                        = "${var.project}-raw"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  encryption {
    default_kms_key_name = local.keys["buckets"]
  }

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = var.raw_retention_days
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 7
      with_state                 = "ARCHIVED"
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket" "artifacts" {
  name                        = "${var.project}-artifacts"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  encryption {
    default_kms_key_name = local.keys["buckets"]
  }

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      num_newer_versions = 5
      with_state         = "ARCHIVED"
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket" "sources" {
  name                        = "${var.project}-sources"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  encryption {
    default_kms_key_name = local.keys["buckets"]
  }

  versioning {
    enabled = true
  }

  # A bundle that nothing was deployed from any more stays a quarter of a year, for going back.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 90
      with_state                 = "ARCHIVED"
    }
  }

  depends_on = [google_project_service.api]
}

# A bucket with a retention policy keeps no versions: what lies here is never written again anyway.
resource "google_storage_bucket" "audit" {
  name                        = "${var.project}-audit"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  encryption {
    default_kms_key_name = local.keys["buckets"]
  }

  retention_policy {
    is_locked        = var.audit_retention_locked
    retention_period = var.audit_retention_days * 86400
  }

  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "COLDLINE"
    }
    condition {
      age = 90
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = var.audit_retention_days + 30
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_iam_member" "raw" {
  for_each = { for folder, roles in local.roles : folder => local.members[folder] if contains(roles, "roles/storage.objectUser") }

  bucket = google_storage_bucket.raw.name
  role   = "roles/storage.objectUser"
  member = each.value
}

resource "google_storage_bucket_iam_member" "artifacts" {
  for_each = { for folder, mounts in local.mounts : folder => local.members[folder] if contains(keys(mounts), "artifacts") }

  bucket = google_storage_bucket.artifacts.name
  role   = "roles/storage.objectViewer"
  member = each.value
}

resource "google_storage_bucket_iam_member" "artifacts_written" {
  for_each = { for folder, roles in local.roles : folder => local.members[folder] if contains(roles, "roles/storage.legacyBucketWriter") }

  bucket = google_storage_bucket.artifacts.name
  role   = "roles/storage.legacyBucketWriter"
  member = each.value
}

resource "google_storage_bucket_iam_member" "builder" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_service_account.builder.email}"
}
