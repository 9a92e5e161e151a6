# The pipeline: which commit runs cloudbuild.yaml, as which account, and where somebody has to agree first.
#
# Releases run as the deployer (accounts.tf). Pull requests run as the planner, which may read what a plan reads and change
# nothing: their code was seen by nobody yet.
locals {
  pipeline_apis = toset(["ondemandscanning.googleapis.com"])

  pipeline_substitutions = {
    _DOOR          = "https://${var.domains[0]}"
    _ENVIRONMENT   = var.environment
    _PROJECT       = var.project
    _PYTHON_DIGEST = var.pipeline.python_digest
    _REGION        = var.region
  }

  # What the deployer needs beside what it makes: logs of its builds, builds of images, scans, and triggers.
  pipeline_roles = toset([
    "roles/cloudbuild.builds.editor",
    "roles/logging.logWriter",
    "roles/ondemandscanning.admin",
  ])

  planner_roles = toset([
    "roles/aiplatform.viewer",
    "roles/artifactregistry.reader",
    "roles/certificatemanager.viewer",
    "roles/cloudbuild.builds.viewer",
    "roles/cloudkms.viewer",
    "roles/cloudscheduler.viewer",
    "roles/cloudsql.viewer",
    "roles/compute.viewer",
    "roles/datastore.viewer",
    "roles/firebaserules.viewer",
    "roles/iam.securityReviewer",
    "roles/logging.logWriter",
    "roles/logging.viewer",
    "roles/monitoring.viewer",
    "roles/pubsub.viewer",
    "roles/redis.viewer",
    "roles/run.viewer",
    "roles/secretmanager.viewer",
    "roles/servicenetworking.networksViewer",
    "roles/serviceusage.serviceUsageConsumer",
    "roles/storage.bucketViewer",
    "roles/workflows.viewer",
  ])

  # Ways into this environment: a branch, or a tag; pull requests where they are asked for.
  releases = {
    for kind, pattern in { branch = var.pipeline.branch, tag = var.pipeline.tag } : kind => pattern if pattern != ""
  }
}

resource "google_project_service" "pipeline" {
  for_each = local.pipeline_apis

  service                    = each.value
  disable_dependent_services = false
  disable_on_destroy         = false
}

resource "google_project_iam_member" "deployer_pipeline" {
  for_each = local.pipeline_roles

  project = var.project
  role    = each.value
  member  = "serviceAccount:${google_service_account.deployer.email}"
}

resource "google_service_account" "planner" {
  account_id   = "planner"
  display_name = "planner of pull requests"
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "planner" {
  for_each = local.planner_roles

  project = var.project
  role    = each.value
  member  = "serviceAccount:${google_service_account.planner.email}"
}

# The state is read, not locked: a pull request's plan waits for nobody and holds up nobody.
resource "google_storage_bucket_iam_member" "planner_state" {
  bucket = "${var.project}-state"
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_service_account.planner.email}"
}

# Making a trigger that runs as an account takes the right to act as it.
resource "google_service_account_iam_member" "deployer_pipeline" {
  for_each = {
    deployer = google_service_account.deployer.name
    planner  = google_service_account.planner.name
  }

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${google_service_account.deployer.email}"
}

resource "google_cloudbuild_trigger" "release" {
  for_each = local.releases

  name            = "${local.name}-release-${each.key}"
  description     = "Releases to ${var.environment} what is at ${each.key} ${each.value}"
  location        = var.region
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.deployer.id
  substitutions   = merge(local.pipeline_substitutions, { _RELEASE = "true" })

  repository_event_config {
    repository = var.pipeline.repository

    push {
      branch = each.key == "branch" ? each.value : null
      tag    = each.key == "tag" ? each.value : null
    }
  }

  approval_config {
    approval_required = var.pipeline.approval
  }

  depends_on = [
    google_project_iam_member.deployer,
    google_project_iam_member.deployer_pipeline,
    google_project_service.pipeline,
    google_service_account_iam_member.deployer_pipeline,
  ]
}

resource "google_cloudbuild_trigger" "pull_request" {
  count = var.pipeline.pull_requests == "" ? 0 : 1

  name            = "${local.name}-pull-request"
  description     = "Tests a pull request and plans it for ${var.environment}"
  location        = var.region
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.planner.id
  substitutions   = merge(local.pipeline_substitutions, { _RELEASE = "false" })

  repository_event_config {
    repository = var.pipeline.repository

    pull_request {
      branch          = var.pipeline.pull_requests
      comment_control = "COMMENTS_ENABLED" # strangers' code runs after one of us said so
    }
  }

  depends_on = [google_project_iam_member.planner, google_service_account_iam_member.deployer_pipeline]
}

# A second way through the same door, by header alone: to the gateway's revision that is tagged but has no traffic yet.
resource "google_compute_region_network_endpoint_group" "candidate" {
  name                  = "${local.name}-candidate"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = module.function["gateway"].name
    tag     = "candidate"
  }
}

resource "google_compute_backend_service" "candidate" {
  name                   = "${local.name}-candidate"
  load_balancing_scheme  = "EXTERNAL_MANAGED"
  protocol               = "HTTPS"
  security_policy        = google_compute_security_policy.edge.id
  custom_request_headers = ["X-Edge-Place:{client_city_lat_long}"]

  backend {
    group = google_compute_region_network_endpoint_group.candidate.id
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

output "promises" {
  description = "What each service promises, by which its canary is judged: one without an objective may fail one request in a hundred and take its time."
  value = {
    for folder in keys(local.functions) : local.services[folder] => {
      available = try(local.objectives[local.services[folder]].available, 0.99)
      within_ms = try(local.objectives[local.services[folder]].within_ms, 1000 * try(local.functions[folder].timeout_seconds, 30))
    }
  }
}
