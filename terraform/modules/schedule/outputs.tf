output "name" {
  description = "Its name."
  value       = google_cloud_scheduler_job.schedule.name
}
