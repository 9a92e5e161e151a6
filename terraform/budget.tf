# A ceiling that tells, not one that stops: nobody is cut off by it.
resource "google_billing_budget" "month" {
  billing_account = data.google_project.this.billing_account
  display_name    = "${local.name} month"

  budget_filter {
    projects        = ["projects/${data.google_project.this.number}"]
    calendar_period = "MONTH"
  }

  amount {
    specified_amount {
      currency_code = "USD"
      units         = tostring(var.budget_usd)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.8, 1.0, 1.2]

    content {
      threshold_percent = threshold_rules.value
      spend_basis       = "CURRENT_SPEND"
    }
  }

  all_updates_rule {
    monitoring_notification_channels = [google_monitoring_notification_channel.channel["ticket"].id]
    disable_default_iam_recipients   = false
  }

  depends_on = [google_project_service.api]
}
