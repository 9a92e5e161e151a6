# One schedule. A function of ours is called with an identity token, an API of Google's with an access token.
resource "google_cloud_scheduler_job" "schedule" {
  name             = var.name
  region           = var.region
  description      = var.description
  schedule         = var.cron
  time_zone        = var.time_zone
  attempt_deadline = "${var.deadline_seconds}s"

  http_target {
    uri         = var.target.uri
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(var.target.body)

    dynamic "oidc_token" {
      for_each = var.target.audience == null ? [] : [var.target.audience]
      content {
        service_account_email = var.account
        audience              = oidc_token.value
      }
    }

    dynamic "oauth_token" {
      for_each = var.target.audience == null ? [var.account] : []
      content {
        service_account_email = oauth_token.value
        scope                 = "https://www.googleapis.com/auth/cloud-platform"
      }
    }
  }

  retry_config {
    retry_count          = 3
    min_backoff_duration = "10s"
    max_backoff_duration = "600s"
  }
}
