# Limits, breakers and answers that may be lost: Redis with TLS and AUTH, in every environment.
resource "google_redis_instance" "cache" {
  name                    = "${local.name}-cache"
  region                  = var.region
  tier                    = var.cache.tier
  memory_size_gb          = var.cache.memory_gb
  replica_count           = var.cache.replicas > 0 ? var.cache.replicas : (var.cache.tier == "BASIC" ? 0 : 1)
  read_replicas_mode      = var.cache.replicas > 0 ? "READ_REPLICAS_ENABLED" : "READ_REPLICAS_DISABLED"
  redis_version           = "REDIS_7_2"
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  authorized_network      = google_compute_network.network.id
  connect_mode            = "PRIVATE_SERVICE_ACCESS"
  customer_managed_key    = local.keys["cache"]
  labels                  = local.labels

  redis_configs = {
    # What has an expiry goes first when memory is short; what has none is a limit that still counts.
    "maxmemory-policy" = "volatile-lru"
  }

  dynamic "persistence_config" {
    for_each = var.cache.persistent ? [1] : []

    content {
      persistence_mode    = "RDB"
      rdb_snapshot_period = "TWELVE_HOURS"
    }
  }

  maintenance_policy {
    weekly_maintenance_window {
      day = "SUNDAY"

      start_time {
        hours   = 4
        minutes = 0
      }
    }
  }

  depends_on = [google_service_networking_connection.services]
}

# Redis makes its password; whoever names the secret reads it from there.
resource "google_secret_manager_secret_version" "redis_auth" {
  count = contains(local.secret_names, "redis-auth") ? 1 : 0

  secret      = google_secret_manager_secret.secret["redis-auth"].id
  secret_data = google_redis_instance.cache.auth_string
}
