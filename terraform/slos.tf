# What we promise over thirty days, and at what speed a broken promise wakes somebody.
locals {
  # Share of requests that are answered, and milliseconds within which 95 % of them are.
  objectives = {
    gateway      = { service = "gateway", available = 0.999, within_ms = 100 }
    search-query = { service = "search-query", available = 0.999, within_ms = 400 }
  }
  on_time = 0.95

  # Both windows must burn: the long one says it matters, the short one that it still goes on.
  burns = {
    page-1h    = { rate = 14.4, long = "1h", short = "5m", channel = "page", priority = "p1" }
    page-6h    = { rate = 6, long = "6h", short = "30m", channel = "page", priority = "p1" }
    ticket-24h = { rate = 3, long = "24h", short = "2h", channel = "ticket", priority = "p3" }
    ticket-72h = { rate = 1, long = "72h", short = "6h", channel = "ticket", priority = "p3" }
  }
  burning = {
    for pair in setproduct(keys(local.objectives), keys(local.burns)) :
    "${pair[0]}-${pair[1]}" => merge(local.objectives[pair[0]], local.burns[pair[1]])
  }

  # Cloud Monitoring's own burn rate looks back 24 hours at most, so the rates are written out.
  availability_burns = {
    for name, burn in local.burning : "availability-burn-${name}" => merge(burn, {
      runbook = "availability-burn"
      summary = "${burn.service} uses up its error budget ${burn.rate} times too fast, over ${burn.long} and ${burn.short}"
      for     = "0s"
      query = join(" and ", concat([
        for window in [burn.long, burn.short] :
        "${format(local.failed_share, burn.service, window, burn.service, window)} > ${format("%.5f", burn.rate * (1 - burn.available))}"
      ], [format(local.traffic, burn.service, burn.short)]))
    })
  }

  # More than a share s of requests takes longer than T exactly when the (1 - s) quantile lies above T.
  latency_burns = {
    for name, burn in local.burning : "latency-burn-${name}" => merge(burn, {
      runbook = "latency-burn"
      summary = "${burn.service} is late ${burn.rate} times too often, over ${burn.long} and ${burn.short}"
      for     = "0s"
      query = join(" and ", concat([
        for window in [burn.long, burn.short] :
        "${format(local.quantile, 1 - burn.rate * (1 - local.on_time), burn.service, window)} > ${burn.within_ms}"
      ], [format(local.traffic, burn.service, burn.short)]))
    })
  }

  failed_share = "sum(rate(run_googleapis_com:request_count{monitored_resource='cloud_run_revision',service_name='%s',response_code_class='5xx'}[%s])) / sum(rate(run_googleapis_com:request_count{monitored_resource='cloud_run_revision',service_name='%s'}[%s]))"
  quantile     = "histogram_quantile(%.2f, sum by (le) (rate(run_googleapis_com:request_latencies_bucket{monitored_resource='cloud_run_revision',service_name='%s'}[%s])))"
  # Below one request in ten seconds a single failure says nothing.
  traffic = "sum(rate(run_googleapis_com:request_count{monitored_resource='cloud_run_revision',service_name='%s'}[%s])) > 0.1"

  requests_of = { for name, objective in local.objectives : name => "metric.type=\"run.googleapis.com/request_count\" resource.type=\"cloud_run_revision\" resource.labels.service_name=\"${objective.service}\"" }
}

resource "google_monitoring_custom_service" "service" {
  for_each = local.objectives

  service_id   = "${local.name}-${each.key}"
  display_name = "${local.name} ${each.value.service}"
  user_labels  = local.labels

  telemetry {
    resource_name = "//run.googleapis.com/projects/${var.project}/locations/${var.region}/services/${each.value.service}"
  }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_slo" "availability" {
  for_each = local.objectives

  service             = google_monitoring_custom_service.service[each.key].service_id
  slo_id              = "availability"
  display_name        = "${each.value.available * 100} % of requests to ${each.value.service} do not fail"
  goal                = each.value.available
  rolling_period_days = 30
  user_labels         = local.labels

  request_based_sli {
    good_total_ratio {
      total_service_filter = local.requests_of[each.key]
      bad_service_filter   = "${local.requests_of[each.key]} metric.labels.response_code_class=\"5xx\""
    }
  }
}

resource "google_monitoring_slo" "latency" {
  for_each = local.objectives

  service             = google_monitoring_custom_service.service[each.key].service_id
  slo_id              = "latency"
  display_name        = "${local.on_time * 100} % of requests to ${each.value.service} take at most ${each.value.within_ms} ms"
  goal                = local.on_time
  rolling_period_days = 30
  user_labels         = local.labels

  request_based_sli {
    distribution_cut {
      distribution_filter = "metric.type=\"run.googleapis.com/request_latencies\" resource.type=\"cloud_run_revision\" resource.labels.service_name=\"${each.value.service}\""

      range {
        min = 0
        max = each.value.within_ms
      }
    }
  }
}
