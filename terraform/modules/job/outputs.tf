output "name" {
  description = "The job's name."
  value       = google_cloud_run_v2_job.job.name
  depends_on  = [google_cloud_run_v2_job_iam_member.runner]
}

output "service_account_email" {
  description = "Email of the account that it runs as."
  value       = var.account
}
