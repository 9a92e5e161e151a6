database_max_connections = 150
deletion_protection      = false
environment              = "dev"
most_idle_instances      = 0
most_instances           = 3
project                  = "media-gateway-dev"
