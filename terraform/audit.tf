# Who did what: kept where it cannot be changed (the audit bucket is locked), and out of the logs that are searched daily.
locals {
  audit_logs = "logName:\"cloudaudit.googleapis.com\""
}

resource "google_project_iam_audit_config" "all" {
  project = var.project
  service = "allServices"

  dynamic "audit_log_config" {
    for_each = toset(["ADMIN_READ", "DATA_READ", "DATA_WRITE"])

    content {
      log_type = audit_log_config.value
    }
  }
}

resource "google_logging_project_sink" "audit" {
  name                   = "${local.name}-audit"
  description            = "Audit logs, for ${var.audit_retention_days} days"
  destination            = "storage.googleapis.com/${google_storage_bucket.audit.name}"
  filter                 = local.audit_logs
  unique_writer_identity = true
}

resource "google_storage_bucket_iam_member" "audit_sink" {
  bucket = google_storage_bucket.audit.name
  role   = "roles/storage.objectCreator"
  member = google_logging_project_sink.audit.writer_identity
}

# Errors are kept three times as long as the rest.
resource "google_logging_project_bucket_config" "errors" {
  project        = var.project
  location       = var.region
  bucket_id      = "${local.name}-errors"
  description    = "Errors, for 90 days"
  retention_days = 90

  depends_on = [google_project_service.api]
}

resource "google_logging_project_sink" "errors" {
  name                   = "${local.name}-errors"
  description            = "Errors, for 90 days"
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.errors.id}"
  filter                 = "severity>=ERROR AND NOT ${local.audit_logs}"
  unique_writer_identity = true
}

resource "google_logging_project_bucket_config" "default" {
  project        = var.project
  location       = "global"
  bucket_id      = "_Default"
  description    = "Everything else, for 30 days"
  retention_days = 30

  depends_on = [google_project_service.api]
}

resource "google_logging_project_exclusion" "probes" {
  name        = "${local.name}-probes"
  description = "Probes that were answered"
  filter      = "httpRequest.requestUrl=~\"/health/\" AND httpRequest.status<400"

  depends_on = [google_project_service.api]
}

resource "google_logging_project_exclusion" "data_access" {
  name        = "${local.name}-data-access"
  description = "Data access is in the audit bucket, where reading it back is free"
  filter      = "logName:\"cloudaudit.googleapis.com%2Fdata_access\""

  depends_on = [google_project_service.api]
}
