# Functions with a `schedule`, jobs with one, and workflows whose header names one. Each caller has an account of its own.
locals {
  scheduled_functions = { for folder, manifest in local.functions : folder => manifest.schedule if can(manifest.schedule.cron) }
  scheduled_jobs      = { for folder, manifest in local.jobs : folder => manifest.schedule if can(manifest.schedule.cron) }
  scheduled_workflows = { for name, workflow in local.workflows : name => workflow if workflow.cron != "" }

  schedules = merge(
    {
      for folder, schedule in local.scheduled_functions : local.services[folder] => {
        cron      = schedule.cron
        time_zone = try(schedule.time_zone, "Etc/UTC")
        deadline  = max(15, min(1800, try(local.functions[folder].timeout_seconds, 30)))
        uri       = "${local.urls[folder]}/"
        audience  = local.urls[folder]
        body      = jsonencode(try(schedule.body, {}))
      }
    },
    {
      for folder, schedule in local.scheduled_jobs : local.services[folder] => {
        cron      = schedule.cron
        time_zone = try(schedule.time_zone, "Etc/UTC")
        deadline  = 180
        uri       = "https://run.googleapis.com/v2/projects/${var.project}/locations/${var.region}/jobs/${local.services[folder]}:run"
        audience  = null
        body      = jsonencode(try(schedule.body, {}))
      }
    },
    {
      for name, workflow in local.scheduled_workflows : name => {
        cron      = workflow.cron
        time_zone = workflow.time_zone
        deadline  = 180
        uri       = "https://workflowexecutions.googleapis.com/v1/projects/${var.project}/locations/${var.region}/workflows/${name}/executions"
        audience  = null
        body      = jsonencode({ argument = workflow.argument })
      }
    },
  )

  cron_accounts = {
    for name in keys(local.schedules) :
    name => "${google_service_account.cron[name].account_id}@${var.project}.iam.gserviceaccount.com"
  }
  cron_members = { for name, account in local.cron_accounts : name => "serviceAccount:${account}" }
}

resource "google_service_account" "cron" {
  for_each = local.schedules

  account_id   = "cron-${each.key}"
  display_name = "schedule of ${each.key}"
  depends_on   = [google_project_service.api]
}

# Workflows take no binding of their own, and no condition: this account may start any, and is used by its schedule alone.
resource "google_project_iam_member" "workflow_starter" {
  for_each = local.scheduled_workflows

  project = var.project
  role    = "roles/workflows.invoker"
  member  = local.cron_members[each.key]
}

module "schedule" {
  source   = "./modules/schedule"
  for_each = local.schedules

  name             = each.key
  description      = "Starts ${each.key}"
  region           = var.region
  cron             = each.value.cron
  time_zone        = each.value.time_zone
  deadline_seconds = each.value.deadline
  account          = local.cron_accounts[each.key]
  target = {
    uri      = each.value.uri
    audience = each.value.audience
    body     = each.value.body
  }

  depends_on = [module.function, module.job, module.workflow]
}
