# Where alerts go.
resource "google_monitoring_notification_channel" "channel" {
  for_each = var.alert_channels

  display_name = "${local.name} ${each.key}"
  type         = each.value.type
  labels       = each.value.labels
  force_delete = false
  user_labels  = local.labels

  depends_on = [google_project_service.api]
}
