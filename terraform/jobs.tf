# Every folder that is a job, all from one image.
locals {
  jobs_image = var.jobs_image == "" ? "${local.jobs_repository}/jobs:unbuilt" : var.jobs_image
}

check "jobs_image" {
  assert {
    condition     = var.jobs_image != ""
    error_message = "Not built, so an apply would fail: the image of jobs. Give -var jobs_image=…@sha256:…."
  }
}

module "job" {
  source   = "./modules/job"
  for_each = local.jobs

  name                = local.services[each.key]
  folder              = each.key
  location            = var.region
  labels              = { area = each.value.area }
  account             = local.accounts[each.key]
  image               = local.jobs_image
  tasks               = try(each.value.job.tasks, 1)
  max_retries         = try(each.value.job.max_retries, 1)
  memory              = try(each.value.memory, "512Mi")
  timeout_seconds     = try(each.value.timeout_seconds, 30)
  environment         = local.environments[each.key]
  mounts              = local.mounts[each.key]
  network             = local.network
  runners             = local.runners[each.key]
  deletion_protection = var.deletion_protection

  depends_on = [
    google_project_iam_member.deployable,
    google_secret_manager_secret_iam_member.reader,
    google_storage_bucket_iam_member.raw,
    module.topic,
  ]
}

locals {
  # Workflows run jobs with arguments of their own and look how it goes; schedules run them as they are.
  runners = {
    for folder in keys(local.jobs) : folder => merge(flatten([
      [for name, workflow in local.workflows : [for role in ["roles/run.jobsExecutorWithOverrides", "roles/run.viewer"] :
        { "${name} ${role}" = { member = local.workflow_members[name], role = role } }
      ] if contains(workflow.jobs, local.services[folder])],
      [for scheduled in keys(local.scheduled_jobs) :
        { schedule = { member = local.cron_members[local.services[scheduled]], role = "roles/run.jobsExecutorWithOverrides" } }
        if scheduled == folder
      ],
    ])...)
  }
}
