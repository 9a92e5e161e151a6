# Closed days of the product's own audit log (docs/decisions/0011): written once by the job that exports them, read by it and by
# those who check the log against them, changed by nobody.
resource "google_storage_bucket" "audit_archive" {
  name                        = "${var.project}-audit-archive"
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

resource "google_storage_bucket_iam_member" "audit_archive_reader" {
  for_each = {
    for folder, manifest in local.manifests : folder => local.members[folder]
    if contains(try(manifest.env, []), "MEDIA_GATEWAY_AUDIT_ARCHIVE")
  }

  bucket = google_storage_bucket.audit_archive.name
  role   = "roles/storage.objectViewer"
  member = each.value
}

# Creating is no overwriting: that takes the right to delete too.
resource "google_storage_bucket_iam_member" "audit_archive_writer" {
  bucket = google_storage_bucket.audit_archive.name
  role   = "roles/storage.objectCreator"
  member = local.members["audit_export"]
}
