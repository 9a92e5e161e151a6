# One workflow from its file, as an account of its own.
resource "google_workflows_workflow" "workflow" {
  name                    = var.name
  region                  = var.region
  description             = var.description
  labels                  = var.labels
  service_account         = var.account
  source_contents         = var.source_contents
  user_env_vars           = var.environment
  call_log_level          = "LOG_ERRORS_ONLY"
  execution_history_level = "EXECUTION_HISTORY_BASIC"
  deletion_protection     = var.deletion_protection
}
