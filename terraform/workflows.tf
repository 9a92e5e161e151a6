# Every file of workflows/. When it starts by itself, and with what, stands in its header: the local cloud reads the same.
locals {
  workflow_folder = "${path.module}/../workflows"
  workflow_sources = {
    for file in fileset(local.workflow_folder, "*.yaml") :
    replace(trimsuffix(file, ".yaml"), "_", "-") => file("${local.workflow_folder}/${file}")
  }
  workflow_headers = { for name, source in local.workflow_sources : name => regex("^(?:#[^\\n]*\\n)*", source) }
  workflows = {
    for name, source in local.workflow_sources : name => {
      source      = source
      description = try(regex("(?m)^#\\s*${replace(name, "-", "_")}:\\s*(.+?)\\s*$", local.workflow_headers[name])[0], name)
      cron        = try(regex("(?mi)^#\\s*schedule:\\s*(.+?)\\s*$", local.workflow_headers[name])[0], "")
      time_zone   = try(regex("(?mi)^#\\s*time_zone:\\s*(.+?)\\s*$", local.workflow_headers[name])[0], "Etc/UTC")
      argument    = try(regex("(?mi)^#\\s*argument:\\s*(.+?)\\s*$", local.workflow_headers[name])[0], "{}")
      jobs        = toset(flatten(regexall("/jobs/([a-z0-9-]+)", source)))
      env         = toset(flatten(regexall("sys\\.get_env\\(\"(MEDIA_GATEWAY_[A-Z_]+)\"", source)))
    }
  }

  workflow_accounts = {
    for name in keys(local.workflows) :
    name => "${google_service_account.workflow[name].account_id}@${var.project}.iam.gserviceaccount.com"
  }
  workflow_members   = { for name, account in local.workflow_accounts : name => "serviceAccount:${account}" }
  workflow_variables = merge(local.environment, local.common_environment)

  workflow_problems = {
    for name, workflow in local.workflows : name => concat(
      [for job in workflow.jobs : "no folder of functions/ is the job ${job}"
      if !contains([for folder in keys(local.jobs) : local.services[folder]], job)],
      [for variable in workflow.env : "${variable} is no variable that terraform/environment.tf gives"
      if !contains(keys(local.workflow_variables), variable)],
      can(keys(jsondecode(workflow.argument))) ? [] : ["argument: ${workflow.argument} is no JSON object"],
      length(name) > 25 ? ["its name is longer than 25 letters"] : [],
    )
  }
}

resource "terraform_data" "workflow" {
  for_each = local.workflows

  lifecycle {
    precondition {
      condition     = length(local.workflow_problems[each.key]) == 0
      error_message = "workflows/${replace(each.key, "-", "_")}.yaml: ${join("; ", local.workflow_problems[each.key])}"
    }
  }
}

resource "google_service_account" "workflow" {
  for_each = local.workflows

  account_id   = "wf-${each.key}"
  display_name = "workflow ${each.key}"
  depends_on   = [google_project_service.api]
}

# Neither takes a binding on a resource: logs, and the operation that tells how a run of a job goes.
resource "google_project_iam_member" "workflow_logs" {
  for_each = local.workflows

  project = var.project
  role    = "roles/logging.logWriter"
  member  = local.workflow_members[each.key]
}

resource "google_project_iam_custom_role" "operation_reader" {
  role_id     = "mediaGatewayOperationReader"
  title       = "Reader of Cloud Run operations"
  description = "To wait for a job that one has started."
  permissions = ["run.operations.get"]
}

resource "google_project_iam_member" "workflow_operations" {
  for_each = { for name, workflow in local.workflows : name => workflow if length(workflow.jobs) > 0 }

  project = var.project
  role    = google_project_iam_custom_role.operation_reader.name
  member  = local.workflow_members[each.key]
}

module "workflow" {
  source   = "./modules/workflow"
  for_each = local.workflows

  name                = each.key
  description         = each.value.description
  region              = var.region
  labels              = local.labels
  account             = google_service_account.workflow[each.key].id
  source_contents     = each.value.source
  environment         = { for name, value in local.workflow_variables : name => value if contains(each.value.env, name) }
  deletion_protection = var.deletion_protection

  depends_on = [module.job]
}
