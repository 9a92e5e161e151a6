# The truth: PostgreSQL on a private address, joined as the caller's own account and never with a password.
locals {
  database_name = "${local.name}-main"

  database_flags = {
    "cloudsql.enable_pgaudit"             = "on"
    "cloudsql.iam_authentication"         = "on"
    "idle_in_transaction_session_timeout" = "60000"
    "log_checkpoints"                     = "on"
    "log_connections"                     = "on"
    "log_disconnections"                  = "on"
    "log_lock_waits"                      = "on"
    "log_min_duration_statement"          = "500"
    "log_min_error_statement"             = "error"
    "log_statement"                       = "ddl"
    "log_temp_files"                      = "0"
    "max_connections"                     = tostring(var.database_max_connections)
    "pgaudit.log"                         = "ddl,role"
  }

  database_users = toset([
    for folder, manifest in local.manifests : folder if contains(try(manifest.roles, []), "roles/cloudsql.client")
  ])
}

resource "google_sql_database_instance" "main" {
  name                = local.database_name
  database_version    = "POSTGRES_16"
  region              = var.region
  encryption_key_name = local.keys["database"]
  deletion_protection = var.deletion_protection

  settings {
    tier                        = var.database.tier
    edition                     = "ENTERPRISE"
    availability_type           = var.database.availability
    activation_policy           = "ALWAYS"
    connector_enforcement       = "REQUIRED"
    deletion_protection_enabled = var.deletion_protection
    retain_backups_on_delete    = var.deletion_protection
    disk_type                   = "PD_SSD"
    disk_size                   = var.database.disk_gb
    disk_autoresize             = true
    disk_autoresize_limit       = var.database.disk_limit_gb
    user_labels                 = local.labels

    backup_configuration {
      enabled                        = true
      start_time                     = "02:00"
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = var.database.kept_log_days

      backup_retention_settings {
        retained_backups = var.database.kept_backups
        retention_unit   = "COUNT"
      }
    }

    ip_configuration {
      ipv4_enabled                                  = false
      private_network                               = google_compute_network.network.id
      allocated_ip_range                            = google_compute_global_address.services.name
      enable_private_path_for_google_cloud_services = true
      ssl_mode                                      = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    }

    dynamic "database_flags" {
      for_each = local.database_flags

      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }

    insights_config {
      query_insights_enabled  = true
      query_string_length     = 1024
      record_application_tags = true
      record_client_address   = false
    }

    maintenance_window {
      day          = 7
      hour         = 4
      update_track = "stable"
    }
  }

  lifecycle {
    # The disk grows by itself; a plan must not shrink it back.
    ignore_changes = [settings[0].disk_size]
  }

  depends_on = [google_service_networking_connection.services]
}

resource "google_sql_database_instance" "replica" {
  for_each = var.database.replicas

  name                 = "${local.name}-${each.key}"
  database_version     = "POSTGRES_16"
  region               = each.value.region
  master_instance_name = google_sql_database_instance.main.name
  encryption_key_name  = local.keys[each.value.region == var.region ? "database" : "database-${each.value.region}"]
  deletion_protection  = var.deletion_protection

  settings {
    tier                        = each.value.tier
    edition                     = "ENTERPRISE"
    availability_type           = "ZONAL"
    connector_enforcement       = "REQUIRED"
    deletion_protection_enabled = var.deletion_protection
    disk_type                   = "PD_SSD"
    disk_autoresize             = true
    user_labels                 = local.labels

    ip_configuration {
      ipv4_enabled                                  = false
      private_network                               = google_compute_network.network.id
      enable_private_path_for_google_cloud_services = true
      ssl_mode                                      = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    }

    dynamic "database_flags" {
      for_each = local.database_flags

      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }

    insights_config {
      query_insights_enabled = true
    }
  }

  depends_on = [google_service_networking_connection.services]
}

resource "google_sql_database" "media_gateway" {
  name     = "media_gateway"
  instance = google_sql_database_instance.main.name
  charset  = "UTF8"
  # A user who owns tables keeps the database from being dropped; the instance goes as a whole.
  deletion_policy = "ABANDON"
}

# Every deployable that asks for the database joins it as itself.
resource "google_sql_user" "deployable" {
  for_each = local.database_users

  name     = trimsuffix(local.accounts[each.key], ".gserviceaccount.com")
  instance = google_sql_database_instance.main.name
  type     = "CLOUD_IAM_SERVICE_ACCOUNT"
  # PostgreSQL refuses to drop a user who owns something.
  deletion_policy = "ABANDON"
}
