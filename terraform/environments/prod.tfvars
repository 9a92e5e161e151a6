audit_retention_locked   = true
database_max_connections = 1000
deletion_protection      = true
environment              = "prod"
mail_sender              = "Media Gateway <no-reply@media-gateway.example>"
mail_url                 = "smtps://media-gateway@smtp.media-gateway.example:465"
most_idle_instances      = 10
most_instances           = 100
project                  = "media-gateway-prod"

# Data stores, network, edge and observability.
alert_channels = {
  page   = { type = "email", labels = { email_address = "page@media-gateway.example" } }
  ticket = { type = "email", labels = { email_address = "ticket@media-gateway.example" } }
}
armor_preview = true # for the first two weeks: read the log of what it would have refused, then turn it off
budget_usd    = 4000
cache         = { tier = "STANDARD_HA", memory_gb = 6, replicas = 2, persistent = true }
database = {
  tier          = "db-custom-4-15360"
  availability  = "REGIONAL"
  disk_gb       = 200
  disk_limit_gb = 500
  kept_backups  = 30
  kept_log_days = 7
  replicas = {
    read     = { region = "us-central1", tier = "db-custom-2-7680" }
    recovery = { region = "us-east1", tier = "db-custom-4-15360" }
  }
}
deploy_vector_index = true
domains             = ["api.media-gateway.example"]
vector_replicas     = { min = 1, max = 3 }

# Pipeline.
pipeline = {
  approval   = true
  repository = "projects/media-gateway-prod/locations/us-central1/connections/source/repositories/media-gateway"
  tag        = "^v[0-9]+\\.[0-9]+\\.[0-9]+$"
}
