# What an environment may not ask for, and the order of Cloud Armor when every list is filled.
variables {
  alert_channels = {
    page   = { type = "email", labels = { email_address = "page@media-gateway.example" } }
    ticket = { type = "email", labels = { email_address = "ticket@media-gateway.example" } }
  }
  armor_preview = false
  budget_usd    = 300
  cache         = { tier = "BASIC", memory_gb = 1 }
  database = {
    tier          = "db-custom-1-3840"
    availability  = "ZONAL"
    disk_gb       = 50
    disk_limit_gb = 100
    kept_backups  = 7
    kept_log_days = 1
  }
  database_max_connections = 200
  deletion_protection      = false
  deploy_vector_index      = false
  domains                  = ["api.dev.media-gateway.example"]
  environment              = "dev"
  mail_sender              = "Media Gateway <no-reply@dev.media-gateway.example>"
  mail_url                 = "smtps://media-gateway@smtp.dev.media-gateway.example:465"
  most_idle_instances      = 0
  most_instances           = 3
  pipeline                 = { approval = false, branch = "^main$", repository = "projects/p/locations/l/connections/c/repositories/r" }
  project                  = "media-gateway-dev"
}

run "operators_blocked_ranges_and_countries_come_before_attacks_and_limits" {
  command = plan

  plan_options {
    target = [google_compute_security_policy.edge]
  }

  variables {
    operator_ranges   = ["198.18.0.0/24"]
    blocked_ranges    = [for i in range(11) : "192.0.2.${i}/32"]
    blocked_countries = ["CU", "IR", "KP", "SY", "RU", "BY"]
  }

  assert {
    condition     = sort([for rule in google_compute_security_policy.edge.rule : format("%010d", rule.priority)])[0] == "0000000100"
    error_message = "Operators do not come first."
  }

  assert {
    condition = [
      for number in sort([for rule in google_compute_security_policy.edge.rule : format("%010d", rule.priority)]) : tonumber(number)
    ] == [100, 200, 201, 300, 301, 1000, 1010, 1020, 1030, 1040, 1050, 1060, 1070, 9000, 2147483647]
    error_message = "Rules are not in the order that makes each of them count."
  }
}

run "ranges_that_are_not_aligned_are_refused" {
  command = plan

  plan_options {
    target = [google_compute_subnetwork.functions, google_compute_global_address.services]
  }

  variables {
    egress_range   = "10.2.1.0/22"
    services_range = "10.3.1.0/20"
  }

  expect_failures = [var.egress_range, var.services_range]
}

run "a_database_without_a_way_back_is_refused" {
  command = plan

  plan_options {
    target = [google_sql_database_instance.main]
  }

  variables {
    database = {
      tier          = "db-custom-1-3840"
      availability  = "ZONAL"
      disk_gb       = 50
      disk_limit_gb = 100
      kept_backups  = 7
      kept_log_days = 0
    }
  }

  expect_failures = [var.database]
}

run "read_replicas_of_a_small_cache_are_refused" {
  command = plan

  plan_options {
    target = [google_redis_instance.cache]
  }

  variables {
    cache = { tier = "BASIC", memory_gb = 1, replicas = 2 }
  }

  expect_failures = [var.cache]
}

run "a_channel_that_no_alert_uses_is_refused" {
  command = plan

  plan_options {
    target = [google_monitoring_notification_channel.channel]
  }

  variables {
    alert_channels = {
      page = { type = "email", labels = { email_address = "page@media-gateway.example" } }
    }
  }

  expect_failures = [var.alert_channels]
}

run "operators_are_never_everybody" {
  command = plan

  plan_options {
    target = [google_compute_security_policy.edge]
  }

  variables {
    operator_ranges = ["0.0.0.0/0"]
  }

  expect_failures = [var.operator_ranges]
}
