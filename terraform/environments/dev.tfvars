database_max_connections = 520
deletion_protection      = false
environment              = "dev"
mail_sender              = "Media Gateway <no-reply@dev.media-gateway.example>"
mail_url                 = "smtps://media-gateway@smtp.dev.media-gateway.example:465"
most_idle_instances      = 0
most_instances           = 3
project                  = "media-gateway-dev"

# Data stores, network, edge and observability.
alert_channels = {
  page   = { type = "email", labels = { email_address = "page@dev.media-gateway.example" } }
  ticket = { type = "email", labels = { email_address = "ticket@dev.media-gateway.example" } }
}
armor_ban_seconds         = 300
armor_preview             = false
armor_requests_per_minute = 2000
budget_usd                = 300
cache                     = { tier = "BASIC", memory_gb = 1 }
database = {
  tier          = "db-custom-1-3840"
  availability  = "ZONAL"
  disk_gb       = 50
  disk_limit_gb = 100
  kept_backups  = 7
  kept_log_days = 1
}
deploy_vector_index = false
domains             = ["api.dev.media-gateway.example"]
egress_range        = "10.2.0.0/23"

# Pipeline.
pipeline = {
  approval      = false
  branch        = "^main$"
  pull_requests = "^main$"
  repository    = "projects/media-gateway-dev/locations/us-central1/connections/source/repositories/media-gateway"
}
