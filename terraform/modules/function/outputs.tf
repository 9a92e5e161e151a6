# Whoever uses an output calls the function: it waits until that is allowed.

output "name" {
  description = "The service's name."
  value       = google_cloud_run_v2_service.function.name
  depends_on  = [google_cloud_run_v2_service_iam_member.invoker]
}

output "service_account_email" {
  description = "Email of the account that it runs as."
  value       = var.account
}

output "uri" {
  description = "Address that Cloud Run gave it."
  value       = google_cloud_run_v2_service.function.uri
  depends_on  = [google_cloud_run_v2_service_iam_member.invoker]
}
