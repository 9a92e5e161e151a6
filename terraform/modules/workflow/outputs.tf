output "id" {
  description = "Its id, projects/…/workflows/…."
  value       = google_workflows_workflow.workflow.id
}

output "name" {
  description = "Its name."
  value       = google_workflows_workflow.workflow.name
}
