database_max_connections = 500
deletion_protection      = true
environment              = "staging"
most_idle_instances      = 1
most_instances           = 10
project                  = "media-gateway-staging"
