# What tells us that something is wrong. Each has its section, by its name, in docs/runbooks/alerts.md.
# Priorities as in spec: p1 wakes somebody within 15 minutes; p2 within the working hour, p3 the same day, p4 the next.
locals {
  on_run      = "monitored_resource='cloud_run_revision'"
  on_sql      = "monitored_resource='cloudsql_database',database_id='${var.project}:${local.database_name}'"
  on_replicas = "monitored_resource='cloudsql_database',database_id=~'${var.project}:${local.name}-(${join("|", keys(var.database.replicas))})'"
  on_redis    = "monitored_resource='redis_instance',instance_id=~'.*/${local.name}-cache'"
  on_consumed = "monitored_resource='pubsub_subscription',subscription_id!~'.*--dead-letter'"
  on_dead     = "monitored_resource='pubsub_subscription',subscription_id=~'.*--dead-letter'"

  failing = "sum by (service_name) (rate(run_googleapis_com:request_count{${local.on_run},response_code_class='5xx'}[5m])) / sum by (service_name) (rate(run_googleapis_com:request_count{${local.on_run}}[5m]))"
  asked   = "sum by (service_name) (rate(run_googleapis_com:request_count{${local.on_run}}[5m])) > 0.1"
  p95     = { for name, objective in local.objectives : name => format(local.quantile, 0.95, objective.service, "5m") }

  service_alerts = {
    error-rate-critical = { runbook = "error-rate", priority = "p1", for = "120s", summary = "A service fails more than one request in ten", query = "${local.failing} > 0.10 and ${local.asked}" }
    error-rate-high     = { runbook = "error-rate", priority = "p1", for = "300s", summary = "A service fails more than one request in twenty", query = "${local.failing} > 0.05 and ${local.asked}" }
    error-rate-elevated = { runbook = "error-rate", priority = "p2", for = "600s", summary = "A service fails more than one request in fifty", query = "${local.failing} > 0.02 and ${local.asked}" }
    error-rate-moderate = { runbook = "error-rate", priority = "p3", for = "900s", summary = "A service fails more than one request in a hundred", query = "${local.failing} > 0.01 and ${local.asked}" }

    gateway-latency-high     = { runbook = "gateway-latency", priority = "p2", for = "600s", summary = "The gateway takes twice the time it promises", query = "${local.p95["gateway"]} > ${2 * local.objectives["gateway"].within_ms} and ${format(local.traffic, "gateway", "5m")}" }
    gateway-latency-elevated = { runbook = "gateway-latency", priority = "p3", for = "900s", summary = "The gateway takes half as long again as it promises", query = "${local.p95["gateway"]} > ${1.5 * local.objectives["gateway"].within_ms} and ${format(local.traffic, "gateway", "5m")}" }
    search-latency-high      = { runbook = "search-latency", priority = "p2", for = "300s", summary = "One search in twenty takes longer than a second", query = "${local.p95["search-query"]} > 1000 and ${format(local.traffic, "search-query", "5m")}" }
    search-latency-elevated  = { runbook = "search-latency", priority = "p3", for = "600s", summary = "One search in twenty takes longer than promised", query = "${local.p95["search-query"]} > ${local.objectives["search-query"].within_ms} and ${format(local.traffic, "search-query", "5m")}" }

    memory-high = { runbook = "memory-high", priority = "p2", for = "600s", summary = "An instance is about to run out of memory", query = "histogram_quantile(0.99, sum by (service_name, le) (rate(run_googleapis_com:container_memory_utilizations_bucket{${local.on_run}}[5m]))) > 0.9" }
    cpu-high    = { runbook = "cpu-high", priority = "p3", for = "900s", summary = "A service works at its CPU's limit", query = "histogram_quantile(0.95, sum by (service_name, le) (rate(run_googleapis_com:container_cpu_utilizations_bucket{${local.on_run}}[5m]))) > 0.8" }

    job-failed       = { runbook = "job-failed", priority = "p2", for = "0s", summary = "A job ended without doing its work", query = "sum by (job_name) (increase(run_googleapis_com:job_completed_execution_count{monitored_resource='cloud_run_job',result='failed'}[15m])) > 0" }
    workflow-failed  = { runbook = "workflow-failed", priority = "p2", for = "0s", summary = "A workflow ended without doing its work", query = "sum by (workflow_id) (increase(workflows_googleapis_com:finished_execution_count{monitored_resource='workflows.googleapis.com/Workflow',status='FAILED'}[15m])) > 0" }
    schedule-failed  = { runbook = "schedule-failed", priority = "p2", for = "300s", summary = "A schedule cannot call what it should", query = "sum by (job_id) (increase(logging_googleapis_com:log_entry_count{monitored_resource='cloud_scheduler_job',severity='ERROR'}[15m])) > 1" }
    quota-high       = { runbook = "quota-high", priority = "p3", for = "300s", summary = "A quota of the project is nearly used up", query = "max by (quota_metric) (serviceruntime_googleapis_com:quota_allocation_usage{monitored_resource='consumer_quota'}) / min by (quota_metric) (serviceruntime_googleapis_com:quota_limit{monitored_resource='consumer_quota'}) > 0.8" }
    certificate-soon = { runbook = "certificate", priority = "p4", for = "3600s", summary = "The certificate was not renewed in time: thirty days are left", query = "min by (host) (monitoring_googleapis_com:uptime_check_time_until_ssl_cert_expires{monitored_resource='uptime_url'}) < 30" }
    certificate-last = { runbook = "certificate", priority = "p2", for = "600s", summary = "The certificate ends within a week", query = "min by (host) (monitoring_googleapis_com:uptime_check_time_until_ssl_cert_expires{monitored_resource='uptime_url'}) < 7" }
  }

  event_alerts = {
    audit-broken         = { runbook = "audit-broken", priority = "p1", for = "0s", summary = "The audit log is not what was written", query = "sum by (service) (increase(${local.log_metrics["audit.broken"]}[15m])) > 0 or sum by (service) (increase(${local.job_log_metrics["audit.broken"]}[15m])) > 0" }
    request-failed       = { runbook = "request-failed", priority = "p3", for = "0s", summary = "Requests meet a bug", query = "sum by (service) (increase(${local.log_metrics["request.failed"]}[15m])) > 5" }
    event-failed         = { runbook = "event-failed", priority = "p2", for = "0s", summary = "Events meet a bug", query = "sum by (service) (increase(${local.log_metrics["event.failed"]}[15m])) > 0" }
    event-set-aside      = { runbook = "event-set-aside", priority = "p3", for = "0s", summary = "Events that cannot be right were set aside", query = "sum by (service) (increase(${local.log_metrics["event.set_aside"]}[1h])) > 0" }
    event-not-set-aside  = { runbook = "event-not-set-aside", priority = "p1", for = "0s", summary = "An event is neither handled nor kept", query = "sum by (service) (increase(${local.log_metrics["event.not_set_aside"]}[15m])) > 0" }
    event-dead           = { runbook = "event-dead", priority = "p3", for = "0s", summary = "Events failed five times; they will be delivered again", query = "sum by (service) (increase(${local.log_metrics["event.dead"]}[15m])) > 0" }
    event-given-up       = { runbook = "event-dead", priority = "p2", for = "0s", summary = "Events failed to the last: a person has to have them delivered again", query = "sum by (service) (increase(${local.log_metrics["event.given_up"]}[15m])) > 0" }
    event-deferred       = { runbook = "event-deferred", priority = "p2", for = "600s", summary = "Events are put off again and again", query = "sum by (service) (rate(${local.log_metrics["event.deferred"]}[10m])) > 0.5" }
    event-waiting        = { runbook = "event-waiting", priority = "p2", for = "900s", summary = "Events wait for the relay because Pub/Sub does not take them", query = "sum by (service) (increase(${local.log_metrics["event.waiting"]}[15m])) > 0 or sum by (service) (increase(${local.job_log_metrics["event.waiting"]}[15m])) > 0" }
    outbox-late          = { runbook = "outbox-late", priority = "p2", for = "0s", summary = "An event has waited to be published for more than five minutes", query = "sum by (service) (increase(${local.log_metrics["outbox.late"]}[5m])) > 0" }
    provider-stopped     = { runbook = "provider-stopped", priority = "p2", for = "0s", summary = "A provider brings nothing: its answers changed", query = "sum by (service) (increase(${local.log_metrics["provider.stopped"]}[15m])) > 0 or sum by (service) (increase(${local.job_log_metrics["provider.stopped"]}[15m])) > 0" }
    catalog-stale        = { runbook = "catalog-stale", priority = "p2", for = "0s", summary = "A platform's offers or changes in a region were not read in time", query = "sum by (service) (increase(${local.log_metrics["catalog.stale"]}[1h])) > 0" }
    completeness-dropped = { runbook = "completeness-dropped", priority = "p3", for = "0s", summary = "The catalog's records got poorer within a week", query = "sum by (service) (increase(${local.log_metrics["completeness.dropped"]}[1h])) > 0" }
    provider-quota       = { runbook = "provider-quota", priority = "p3", for = "0s", summary = "Four fifths of a provider's allowance are used", query = "sum by (service) (increase(${local.log_metrics["quota.low"]}[15m])) > 0 or sum by (service) (increase(${local.job_log_metrics["quota.low"]}[15m])) > 0" }
    reconcile-refused    = { runbook = "reconcile-refused", priority = "p2", for = "0s", summary = "More than a fifth of a platform's offers would have ended; nothing was", query = "sum by (service) (increase(${local.log_metrics["reconcile.refused"]}[15m])) > 0 or sum by (service) (increase(${local.job_log_metrics["reconcile.refused"]}[15m])) > 0" }
    review-backlog       = { runbook = "review-backlog", priority = "p4", for = "0s", summary = "More than five hundred questions wait for review", query = "sum by (service) (increase(${local.log_metrics["review.backlog"]}[1h])) > 0" }
    webhook-dead         = { runbook = "webhook-dead", priority = "p3", for = "0s", summary = "Platforms' notices became dead letters", query = "sum by (service) (increase(${local.log_metrics["webhook.dead"]}[15m])) > 0" }
    retriever-failed     = { runbook = "retriever-failed", priority = "p3", for = "0s", summary = "A retriever of search meets a bug", query = "sum by (service) (increase(${local.log_metrics["retriever.failed"]}[15m])) > 0" }
    sign-in-attack       = { runbook = "sign-in-attack", priority = "p2", for = "0s", summary = "More than a hundred log-ins failed in five minutes: somebody tries passwords", query = "sum(increase(${local.log_metrics["sign_in.failed"]}[5m])) > 100" }
    search-degraded      = { runbook = "search-degraded", priority = "p2", for = "600s", summary = "Search answers without one of its retrievers", query = "sum by (service) (rate(${local.log_metrics["retriever.down"]}[5m])) > 0.05 or sum by (service) (rate(${local.log_metrics["retriever.late"]}[5m])) > 0.1" }
  }

  store_alerts = merge({
    database-down        = { runbook = "database-down", priority = "p1", for = "60s", summary = "The database does not answer", query = "max(cloudsql_googleapis_com:database_up{${local.on_sql}}) < 1" }
    database-connections = { runbook = "database-connections", priority = "p2", for = "300s", summary = "Four fifths of the database's connections are taken", query = "sum(cloudsql_googleapis_com:database_postgresql_num_backends{${local.on_sql}}) > ${floor(0.8 * var.database_max_connections)}" }
    database-busy        = { runbook = "database-connections", priority = "p3", for = "3600s", summary = "Seven tenths of the database's connections have been taken for an hour", query = "sum(cloudsql_googleapis_com:database_postgresql_num_backends{${local.on_sql}}) > ${floor(0.7 * var.database_max_connections)}" }
    database-deadlocks   = { runbook = "database-deadlocks", priority = "p3", for = "0s", summary = "Transactions block each other", query = "sum(increase(cloudsql_googleapis_com:database_postgresql_deadlock_count{${local.on_sql}}[5m])) > 0" }
    database-disk        = { runbook = "database-disk", priority = "p2", for = "300s", summary = "The database's disk is four fifths full", query = "max(cloudsql_googleapis_com:database_disk_utilization{${local.on_sql}}) > 0.8" }
    database-cpu         = { runbook = "database-cpu", priority = "p3", for = "900s", summary = "The database works at its CPU's limit", query = "max(cloudsql_googleapis_com:database_cpu_utilization{${local.on_sql}}) > 0.8" }
    database-memory      = { runbook = "database-memory", priority = "p2", for = "600s", summary = "The database is about to run out of memory", query = "max(cloudsql_googleapis_com:database_memory_utilization{${local.on_sql}}) > 0.9" }
    cache-memory-high    = { runbook = "cache-memory", priority = "p3", for = "300s", summary = "Redis is nearly full", query = "max(redis_googleapis_com:stats_memory_usage_ratio{${local.on_redis}}) > 0.85" }
    cache-memory-full    = { runbook = "cache-memory", priority = "p2", for = "300s", summary = "Redis is full", query = "max(redis_googleapis_com:stats_memory_usage_ratio{${local.on_redis}}) > 0.95" }
    cache-evictions      = { runbook = "cache-evictions", priority = "p3", for = "300s", summary = "Redis throws out what has not expired", query = "sum(rate(redis_googleapis_com:stats_evicted_keys{${local.on_redis}}[5m])) > 0" }
    subscription-oldest  = { runbook = "subscription-oldest", priority = "p2", for = "300s", summary = "An event has waited for more than five minutes", query = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{${local.on_consumed}}) > 300" }
    subscription-backlog = { runbook = "subscription-backlog", priority = "p2", for = "300s", summary = "More than ten thousand events wait", query = "max by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{${local.on_consumed}}) > 10000" }
    subscription-flooded = { runbook = "subscription-backlog", priority = "p1", for = "300s", summary = "More than a hundred thousand events wait", query = "max by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{${local.on_consumed}}) > 100000" }
    subscription-dead    = { runbook = "subscription-dead", priority = "p2", for = "300s", summary = "Dead letters are not kept", query = "max by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{${local.on_dead}}) > 0" }
    }, length(var.database.replicas) == 0 ? {} : {
    database-lag      = { runbook = "database-lag", priority = "p2", for = "300s", summary = "A replica is a minute behind", query = "max by (database_id) (cloudsql_googleapis_com:database_replication_replica_lag{${local.on_replicas}}) > 60" }
    database-lag-warn = { runbook = "database-lag", priority = "p3", for = "300s", summary = "A replica is ten seconds behind", query = "max by (database_id) (cloudsql_googleapis_com:database_replication_replica_lag{${local.on_replicas}}) > 10" }
    }, !var.deploy_vector_index ? {} : {
    vector-latency = { runbook = "vector-latency", priority = "p3", for = "900s", summary = "One vector search in twenty takes longer than 100 ms", query = "histogram_quantile(0.95, sum by (le) (rate(aiplatform_googleapis_com:matching_engine_query_latencies_bucket{monitored_resource='aiplatform.googleapis.com/IndexEndpoint'}[5m]))) > 100" }
  })

  # What is called every minute tells by its silence that schedules, calls or metrics have stopped.
  heartbeats = {
    for folder, manifest in local.functions : "heartbeat-${local.services[folder]}" => {
      priority = "p2"
      for      = "60s"
      runbook  = "heartbeat"
      summary  = "${local.services[folder]} was not called for ten minutes, or its metrics do not arrive"
      query    = "absent_over_time(run_googleapis_com:request_count{${local.on_run},service_name='${local.services[folder]}'}[10m])"
    } if try(manifest.schedule.cron, "") == "* * * * *"
  }

  alerts = merge(local.service_alerts, local.event_alerts, local.store_alerts, local.heartbeats, local.availability_burns, local.latency_burns)

  channels   = { p1 = "page", p2 = "ticket", p3 = "ticket", p4 = "ticket" }
  severities = { p1 = "CRITICAL", p2 = "ERROR", p3 = "WARNING", p4 = "WARNING" }
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  display_name          = "${local.name} ${each.key}"
  combiner              = "OR"
  severity              = local.severities[each.value.priority]
  notification_channels = [google_monitoring_notification_channel.channel[local.channels[each.value.priority]].id]
  user_labels           = merge(local.labels, { priority = each.value.priority })

  conditions {
    display_name = each.value.summary

    condition_prometheus_query_language {
      query               = each.value.query
      duration            = each.value.for
      evaluation_interval = "60s"
      alert_rule          = replace(each.key, "-", "_")
      # A metric exists from its first sample on: before the first failure there is none to validate.
      disable_metric_validation = true
    }
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "${upper(each.value.priority)} ${var.environment}: ${each.value.summary}"
    content   = "${each.value.summary}.\n\nRunbook: ${var.runbooks}/alerts.md#${each.value.runbook}"
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

# Two regions at once: one alone is more often the probe's trouble than ours.
resource "google_monitoring_alert_policy" "unreachable" {
  for_each = toset(var.domains)

  display_name          = "${local.name} unreachable ${each.value}"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = [google_monitoring_notification_channel.channel["page"].id]
  user_labels           = merge(local.labels, { priority = "p0" })

  conditions {
    display_name = "Probes of ${each.value} fail in two regions or more"

    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\" AND resource.labels.host=\"${each.value}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }

      trigger {
        count = 1
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "P0 ${var.environment}: ${each.value} does not answer"
    content   = "Probes of ${each.value} fail in two regions or more.\n\nRunbook: ${var.runbooks}/alerts.md#unreachable"
  }

  alert_strategy {
    auto_close = "1800s"
  }

  depends_on = [google_monitoring_uptime_check_config.door]
}
