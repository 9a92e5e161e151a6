# What people look at, made from the same manifests as what they look at: a new folder has its dashboard.
locals {
  # `%s` is a service; the rates are per second, by what a reader would ask next.
  function_panels = [
    { title = "Requests by class", unit = "1/s", query = "sum by (response_code_class) (rate(run_googleapis_com:request_count{monitored_resource='cloud_run_revision',service_name='%s'}[5m]))" },
    { title = "Share that fails", unit = "1", query = "sum(rate(run_googleapis_com:request_count{monitored_resource='cloud_run_revision',service_name='%s',response_code_class='5xx'}[5m])) / sum(rate(run_googleapis_com:request_count{monitored_resource='cloud_run_revision',service_name='%s'}[5m]))" },
    { title = "Share that is refused", unit = "1", query = "sum(rate(run_googleapis_com:request_count{monitored_resource='cloud_run_revision',service_name='%s',response_code_class='4xx'}[5m])) / sum(rate(run_googleapis_com:request_count{monitored_resource='cloud_run_revision',service_name='%s'}[5m]))" },
    { title = "Latency, median", unit = "ms", query = "histogram_quantile(0.50, sum by (le) (rate(run_googleapis_com:request_latencies_bucket{monitored_resource='cloud_run_revision',service_name='%s'}[5m])))" },
    { title = "Latency, 95 %", unit = "ms", query = "histogram_quantile(0.95, sum by (le) (rate(run_googleapis_com:request_latencies_bucket{monitored_resource='cloud_run_revision',service_name='%s'}[5m])))" },
    { title = "Latency, 99 %", unit = "ms", query = "histogram_quantile(0.99, sum by (le) (rate(run_googleapis_com:request_latencies_bucket{monitored_resource='cloud_run_revision',service_name='%s'}[5m])))" },
    { title = "Instances by state", unit = "1", query = "sum by (state) (run_googleapis_com:container_instance_count{monitored_resource='cloud_run_revision',service_name='%s'})" },
    { title = "Requests at once in an instance, 99 %", unit = "1", query = "histogram_quantile(0.99, sum by (le) (rate(run_googleapis_com:container_max_request_concurrencies_bucket{monitored_resource='cloud_run_revision',service_name='%s'}[5m])))" },
    { title = "Start of an instance, 95 %", unit = "ms", query = "histogram_quantile(0.95, sum by (le) (rate(run_googleapis_com:container_startup_latencies_bucket{monitored_resource='cloud_run_revision',service_name='%s'}[1h])))" },
    { title = "Memory, 99 %", unit = "1", query = "histogram_quantile(0.99, sum by (le) (rate(run_googleapis_com:container_memory_utilizations_bucket{monitored_resource='cloud_run_revision',service_name='%s'}[5m])))" },
    { title = "CPU, 95 %", unit = "1", query = "histogram_quantile(0.95, sum by (le) (rate(run_googleapis_com:container_cpu_utilizations_bucket{monitored_resource='cloud_run_revision',service_name='%s'}[5m])))" },
    { title = "Requests by revision", unit = "1/s", query = "sum by (revision_name) (rate(run_googleapis_com:request_count{monitored_resource='cloud_run_revision',service_name='%s'}[5m]))" },
    { title = "Log lines by severity", unit = "1/s", query = "sum by (severity) (rate(logging_googleapis_com:log_entry_count{monitored_resource='cloud_run_revision',service_name='%s'}[5m]))" },
  ]

  job_panels = [
    { title = "Runs by result", unit = "1", query = "sum by (result) (increase(run_googleapis_com:job_completed_execution_count{monitored_resource='cloud_run_job',job_name='%s'}[1h]))" },
    { title = "Runs at once", unit = "1", query = "sum(run_googleapis_com:job_running_executions{monitored_resource='cloud_run_job',job_name='%s'})" },
    { title = "Memory, 99 %", unit = "1", query = "histogram_quantile(0.99, sum by (le) (rate(run_googleapis_com:container_memory_utilizations_bucket{monitored_resource='cloud_run_job',job_name='%s'}[5m])))" },
    { title = "CPU, 95 %", unit = "1", query = "histogram_quantile(0.95, sum by (le) (rate(run_googleapis_com:container_cpu_utilizations_bucket{monitored_resource='cloud_run_job',job_name='%s'}[5m])))" },
    { title = "Log lines by severity", unit = "1/s", query = "sum by (severity) (rate(logging_googleapis_com:log_entry_count{monitored_resource='cloud_run_job',job_name='%s'}[5m]))" },
  ]

  service_dashboards = {
    for folder, service in local.services : service => {
      title = "${local.name} ${service}: ${local.manifests[folder].summary}"
      panels = [
        for panel in contains(keys(local.jobs), folder) ? local.job_panels : local.function_panels :
        merge(panel, { query = replace(panel.query, "%s", service) })
      ]
    }
  }

  operations_panels = [
    { title = "Requests by service", unit = "1/s", query = "sum by (service_name) (rate(run_googleapis_com:request_count{${local.on_run}}[5m]))" },
    { title = "Share that fails, by service", unit = "1", query = local.failing },
    { title = "Latency by service, 95 %", unit = "ms", query = "histogram_quantile(0.95, sum by (service_name, le) (rate(run_googleapis_com:request_latencies_bucket{${local.on_run}}[5m])))" },
    { title = "Instances by service", unit = "1", query = "sum by (service_name) (run_googleapis_com:container_instance_count{${local.on_run}})" },
    { title = "Answers at the door by class", unit = "1/s", query = "sum by (response_code_class) (rate(loadbalancing_googleapis_com:https_request_count{monitored_resource='https_lb_rule',url_map_name='${local.name}-edge'}[5m]))" },
    { title = "Refused by Cloud Armor", unit = "1/s", query = "sum by (blocked) (rate(networksecurity_googleapis_com:https_request_count{monitored_resource='network_security_policy',policy_name='${local.name}-edge'}[5m]))" },
    { title = "Database: CPU", unit = "1", query = "max(cloudsql_googleapis_com:database_cpu_utilization{${local.on_sql}})" },
    { title = "Database: memory", unit = "1", query = "max(cloudsql_googleapis_com:database_memory_utilization{${local.on_sql}})" },
    { title = "Database: disk", unit = "1", query = "max(cloudsql_googleapis_com:database_disk_utilization{${local.on_sql}})" },
    { title = "Database: connections, of ${var.database_max_connections}", unit = "1", query = "sum(cloudsql_googleapis_com:database_postgresql_num_backends{${local.on_sql}})" },
    { title = "Redis: memory", unit = "1", query = "max(redis_googleapis_com:stats_memory_usage_ratio{${local.on_redis}})" },
    { title = "Redis: share of hits", unit = "1", query = "min(redis_googleapis_com:stats_cache_hit_ratio{${local.on_redis}})" },
    { title = "Oldest event that waits", unit = "s", query = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{${local.on_consumed}})" },
    { title = "Events that wait", unit = "1", query = "sum by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{${local.on_consumed}})" },
    { title = "Dead letters on their way", unit = "1", query = "sum by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{${local.on_dead}})" },
    { title = "Workflows by result", unit = "1", query = "sum by (workflow_id, status) (increase(workflows_googleapis_com:finished_execution_count{monitored_resource='workflows.googleapis.com/Workflow'}[1h]))" },
    { title = "Jobs by result", unit = "1", query = "sum by (job_name, result) (increase(run_googleapis_com:job_completed_execution_count{monitored_resource='cloud_run_job'}[1h]))" },
    { title = "Vector search, 95 %", unit = "ms", query = "histogram_quantile(0.95, sum by (le) (rate(aiplatform_googleapis_com:matching_engine_query_latencies_bucket{monitored_resource='aiplatform.googleapis.com/IndexEndpoint'}[5m])))" },
    { title = "Requests that met a bug", unit = "1/s", query = "sum by (service) (rate(${local.log_metrics["request.failed"]}[5m]))" },
    { title = "Requests that were refused", unit = "1/s", query = "sum by (service) (rate(${local.log_metrics["request.refused"]}[5m]))" },
    { title = "Events that failed five times", unit = "1", query = "sum by (service) (increase(${local.log_metrics["event.dead"]}[1h])) or sum by (service) (increase(${local.log_metrics["event.given_up"]}[1h]))" },
    { title = "Minutes with events that wait in the outbox for more than five", unit = "1", query = "sum(increase(${local.log_metrics["outbox.late"]}[1h]))" },
    { title = "Events set aside", unit = "1", query = "sum by (service) (increase(${local.log_metrics["event.set_aside"]}[1h]))" },
    { title = "Events put off", unit = "1/s", query = "sum by (service) (rate(${local.log_metrics["event.deferred"]}[5m]))" },
    { title = "Retrievers that were late", unit = "1/s", query = "sum(rate(${local.log_metrics["retriever.late"]}[5m]))" },
    { title = "Retrievers that were down", unit = "1/s", query = "sum(rate(${local.log_metrics["retriever.down"]}[5m]))" },
  ]

  slos = "projects/${var.project}/services"
  slo_panels = flatten([
    for name, objective in local.objectives : [
      for kind in ["availability", "latency"] : [
        { title = "${objective.service}, ${kind}: share that is good", unit = "1", query = "select_slo_compliance(\"${local.slos}/${local.name}-${name}/serviceLevelObjectives/${kind}\")" },
        { title = "${objective.service}, ${kind}: budget that is left", unit = "1", query = "select_slo_budget_fraction(\"${local.slos}/${local.name}-${name}/serviceLevelObjectives/${kind}\")" },
        { title = "${objective.service}, ${kind}: burn over an hour", unit = "1", query = "select_slo_burn_rate(\"${local.slos}/${local.name}-${name}/serviceLevelObjectives/${kind}\", \"3600s\")" },
      ]
    ]
  ])

  # Money is known a day later, from the bill; these are what it is made of, now.
  cost_panels = [
    { title = "Instance time that is billed, by service", unit = "s/s", query = "sum by (service_name) (rate(run_googleapis_com:container_billable_instance_time{${local.on_run}}[1h]))" },
    { title = "Requests by service", unit = "1/s", query = "sum by (service_name) (rate(run_googleapis_com:request_count{${local.on_run}}[1h]))" },
    { title = "Instances that stay up without work", unit = "1", query = "sum by (service_name) (run_googleapis_com:container_instance_count{${local.on_run},state='idle'})" },
    { title = "Replicas of the vector index", unit = "1", query = "sum(aiplatform_googleapis_com:matching_engine_current_replicas{monitored_resource='aiplatform.googleapis.com/IndexEndpoint'})" },
    { title = "Bytes of events", unit = "By/s", query = "sum by (topic_id) (rate(pubsub_googleapis_com:topic_byte_cost{monitored_resource='pubsub_topic'}[1h]))" },
    { title = "Bytes of logs", unit = "By/s", query = "sum by (resource_type) (rate(logging_googleapis_com:billing_bytes_ingested{monitored_resource='global'}[1h]))" },
    { title = "Documents written", unit = "1/s", query = "sum(rate(firestore_googleapis_com:document_write_count{monitored_resource='firestore_instance'}[1h]))" },
    { title = "Documents read", unit = "1/s", query = "sum(rate(firestore_googleapis_com:document_read_count{monitored_resource='firestore_instance'}[1h]))" },
    { title = "Bytes kept, by bucket", unit = "By", query = "sum by (bucket_name) (storage_googleapis_com:storage_v2_total_bytes{monitored_resource='gcs_bucket'})" },
    { title = "Bytes on the database's disk", unit = "By", query = "max(cloudsql_googleapis_com:database_disk_bytes_used{${local.on_sql}})" },
    { title = "Bytes sent to the world", unit = "By/s", query = "sum(rate(loadbalancing_googleapis_com:https_response_bytes_count{monitored_resource='https_lb_rule',url_map_name='${local.name}-edge'}[1h]))" },
  ]

  dashboards = merge(local.service_dashboards, {
    cost       = { title = "${local.name} cost", panels = local.cost_panels }
    operations = { title = "${local.name} operations", panels = local.operations_panels }
    slo        = { title = "${local.name} promises", panels = local.slo_panels }
  })
}

resource "google_monitoring_dashboard" "dashboard" {
  for_each = local.dashboards

  dashboard_json = templatefile("${path.module}/dashboards/panels.json.tftpl", each.value)

  depends_on = [google_monitoring_slo.availability, google_monitoring_slo.latency]
}
