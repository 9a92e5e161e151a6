# Events that our code logs, counted by service. The text is `message` of shared/runtime/logging.py.
locals {
  log_events = {
    "audit.broken"         = "A chain of the audit log is not what was written"
    "catalog.stale"        = "A platform's feed in a region was not read in time"
    "completeness.dropped" = "The catalog's records are poorer than they were a week ago"
    "event.dead"           = "An event failed five times and will be delivered again"
    "event.deferred"       = "An event could not be handled yet and will come again"
    "event.failed"         = "An event met a bug"
    "event.given_up"       = "An event failed again after its last redelivery and waits for a person"
    "event.not_set_aside"  = "An event that cannot be right could not even be set aside"
    "event.set_aside"      = "An event that cannot be right was set aside"
    "event.waiting"        = "An event is stored but not yet published: the relay will do it"
    "outbox.late"          = "An event has waited in the outbox for more than five minutes"
    "provider.stopped"     = "A provider whose answers changed was stopped"
    "quota.low"            = "Four fifths of a provider's allowance are used"
    "reconcile.refused"    = "A whole catalog lacked so much that nothing of it was ended"
    "request.failed"       = "A request met a bug"
    "request.refused"      = "A request was refused with a problem"
    "retriever.down"       = "A retriever of search did not answer"
    "retriever.failed"     = "A retriever of search met a bug"
    "retriever.late"       = "A retriever of search took longer than its budget"
    "review.backlog"       = "More questions wait for review than anybody works on"
    "sign_in.failed"       = "Somebody could not prove who they are, or had to wait before trying again"
    "webhook.dead"         = "A platform's notice failed five times, or can never succeed"
  }

  # How PromQL asks for each of them: a metric with several kinds of resource is asked for one at a time.
  log_metrics = {
    for event in keys(local.log_events) :
    event => "logging_googleapis_com:user_${replace(event, ".", "_")}{monitored_resource='cloud_run_revision'}"
  }
  job_log_metrics = { for event, metric in local.log_metrics : event => replace(metric, "cloud_run_revision", "cloud_run_job") }
}

resource "google_logging_metric" "event" {
  for_each = local.log_events

  name        = replace(each.key, ".", "_")
  description = each.value
  filter      = "resource.type=(\"cloud_run_revision\" OR \"cloud_run_job\") AND jsonPayload.message=\"${each.key}\""

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = "INT64"
    unit         = "1"
    display_name = each.value

    labels {
      key         = "service"
      value_type  = "STRING"
      description = "Service that logged it"
    }
  }

  label_extractors = {
    service = "EXTRACT(jsonPayload.service)"
  }

  depends_on = [google_project_service.api]
}
