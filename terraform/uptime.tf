# The public door as the world sees it, once a minute from every continent.
resource "google_monitoring_uptime_check_config" "door" {
  for_each = toset(var.domains)

  display_name     = "${local.name} ${each.value}"
  period           = "60s"
  timeout          = "10s"
  selected_regions = ["USA", "EUROPE", "SOUTH_AMERICA", "ASIA_PACIFIC"]

  http_check {
    path           = "/health/live"
    port           = 443
    request_method = "GET"
    use_ssl        = true
    validate_ssl   = true

    accepted_response_status_codes {
      status_class = "STATUS_CLASS_2XX"
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = each.value
    }
  }

  depends_on = [google_project_service.api]
}
