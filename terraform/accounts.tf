# One account per deployable, used by nothing else; what calls it has an account of its own.
locals {
  account_ids = {
    for folder, service in local.services : folder => "${can(local.manifests[folder].job) ? "job" : "fn"}-${service}"
  }
  # Known before the account exists, so a plan shows who may do what.
  accounts = {
    for folder in keys(local.manifests) :
    folder => "${google_service_account.deployable[folder].account_id}@${var.project}.iam.gserviceaccount.com"
  }
  members = { for folder, account in local.accounts : folder => "serviceAccount:${account}" }

  # Roles that no resource takes. Conditions where the service evaluates them: Cloud SQL does, Vertex AI does not.
  on_database = {
    title      = "on the database of this product"
    expression = "resource.service == \"sqladmin.googleapis.com\" && resource.name == \"projects/${var.project}/instances/${google_sql_database_instance.main.name}\""
  }
  project_roles = {
    "roles/aiplatform.user" = { roles = ["roles/aiplatform.user"], condition = null }
    "roles/cloudsql.client" = {
      roles     = ["roles/cloudsql.client", "roles/cloudsql.instanceUser"] # the second to log in as itself
      condition = local.on_database
    }
    "roles/workflows.invoker" = { roles = ["roles/workflows.invoker"], condition = null } # schedules.tf says why
  }
  project_bindings = merge([
    for folder, roles in local.roles : merge([
      for asked in roles : {
        for role in local.project_roles[asked].roles :
        "${folder} ${role}" => { folder = folder, role = role, condition = local.project_roles[asked].condition }
      } if contains(keys(local.project_roles), asked)
    ]...)
  ]...)
}

resource "google_service_account" "deployable" {
  for_each = local.manifests

  account_id   = local.account_ids[each.key]
  display_name = local.services[each.key]
  description  = each.value.summary
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "deployable" {
  for_each = local.project_bindings

  project = var.project
  role    = each.value.role
  member  = local.members[each.value.folder]

  dynamic "condition" {
    for_each = each.value.condition == null ? [] : [each.value.condition]
    content {
      title      = condition.value.title
      expression = condition.value.expression
    }
  }
}

# The builder turns bundles into images: it reads sources and writes images, nothing else.
resource "google_service_account" "builder" {
  account_id   = "builder"
  display_name = "builder of images"
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "builder_logs" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${google_service_account.builder.email}"
}

# The deployer applies plans. It makes resources of every kind here, so its roles are on the project, but never those of
# an owner or editor; whoever sets the project up makes it with the first apply.
resource "google_service_account" "deployer" {
  account_id   = "deployer"
  display_name = "deployer of plans"
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "deployer" {
  for_each = toset([
    "roles/aiplatform.admin",
    "roles/artifactregistry.admin",
    "roles/certificatemanager.owner",
    "roles/cloudkms.admin",
    "roles/cloudscheduler.admin",
    "roles/cloudsql.admin",
    "roles/compute.loadBalancerAdmin",
    "roles/compute.networkAdmin",
    "roles/compute.securityAdmin",
    "roles/datastore.owner",
    "roles/dns.admin",
    "roles/firebaserules.admin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.roleAdmin",
    "roles/logging.configWriter",
    "roles/monitoring.admin",
    "roles/pubsub.admin",
    "roles/redis.admin",
    "roles/resourcemanager.projectIamAdmin",
    "roles/run.admin",
    "roles/secretmanager.admin",
    "roles/servicenetworking.networksAdmin",
    "roles/serviceusage.serviceUsageAdmin",
    "roles/storage.admin",
    "roles/workflows.admin",
  ])

  project = var.project
  role    = each.value
  member  = "serviceAccount:${google_service_account.deployer.email}"
}

# Deploying something as an account takes the right to act as it, given one account at a time.
resource "google_service_account_iam_member" "deployer" {
  for_each = merge(
    { for folder, account in google_service_account.deployable : "deployable ${folder}" => account.name },
    { for folder, account in google_service_account.push : "push ${folder}" => account.name },
    { for name, account in google_service_account.cron : "cron ${name}" => account.name },
    { for name, account in google_service_account.workflow : "workflow ${name}" => account.name },
    { builder = google_service_account.builder.name },
  )

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${google_service_account.deployer.email}"
}
