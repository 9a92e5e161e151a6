database_max_connections = 800
deletion_protection      = true
environment              = "staging"
mail_sender              = "Media Gateway <no-reply@staging.media-gateway.example>"
mail_url                 = "smtps://media-gateway@smtp.staging.media-gateway.example:465"
most_idle_instances      = 1
most_instances           = 10
project                  = "media-gateway-staging"

# Data stores, network, edge and observability.
alert_channels = {
  page   = { type = "email", labels = { email_address = "page@staging.media-gateway.example" } }
  ticket = { type = "email", labels = { email_address = "ticket@staging.media-gateway.example" } }
}
armor_preview = false
budget_usd    = 1500
cache         = { tier = "STANDARD_HA", memory_gb = 4 }
database = {
  tier          = "db-custom-2-7680"
  availability  = "REGIONAL"
  disk_gb       = 100
  disk_limit_gb = 200
  kept_backups  = 7
  kept_log_days = 3
}
deploy_vector_index = true
domains             = ["api.staging.media-gateway.example"]
egress_range        = "10.2.0.0/22"

# Pipeline.
pipeline = {
  approval   = false
  branch     = "^main$"
  repository = "projects/media-gateway-staging/locations/us-central1/connections/source/repositories/media-gateway"
}
