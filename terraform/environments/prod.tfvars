database_max_connections = 800
deletion_protection      = true
environment              = "prod"
most_idle_instances      = 10
most_instances           = 100
project                  = "media-gateway-prod"
