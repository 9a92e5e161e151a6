# Every folder that is not a job: one Cloud Run function.
locals {
  scaling = {
    for folder, manifest in local.functions : folder => {
      concurrency = try(manifest.scaling.concurrency, 20)
      max         = min(try(manifest.scaling.max, 10), var.most_instances)
      min         = min(try(manifest.scaling.min, 0), var.most_idle_instances)
    }
  }

  # Made by functions/bundle.py; a plan is possible before, an apply is not.
  bundle_manifest = "${path.module}/../build/manifest.json"
  bundles         = fileexists(local.bundle_manifest) ? jsondecode(file(local.bundle_manifest)) : {}
  digests         = { for folder in keys(local.functions) : folder => try(local.bundles[folder].sha256, "unbuilt") }
  unbuilt         = [for folder, digest in local.digests : folder if digest == "unbuilt"]

  python_base_image = "${var.region}-docker.pkg.dev/serverless-runtimes/google-22/runtimes/${var.python_runtime}"

  # Services that other functions may call: those with a route for viewers. Routes for services are called by people and
  # pipelines, with rights of their own.
  routed = toset([
    for folder, manifest in local.functions : folder
    if anytrue([for route in try(manifest.http, []) : route.auth != "service"]) && folder != "gateway"
  ])
  callers = {
    for folder in keys(local.functions) : folder => local.members[folder]
    if contains(local.roles[folder], "roles/run.invoker")
  }
  invokers = {
    for folder in keys(local.functions) : folder => merge(
      { for caller, member in local.callers : caller => member if contains(local.routed, folder) && caller != folder },
      { for consumer in keys(local.consumers) : "pubsub" => local.push_members[consumer] if consumer == folder },
      { for scheduled in keys(local.scheduled_functions) : "schedule" => local.cron_members[local.services[scheduled]] if scheduled == folder },
    )
  }
}

check "bundles" {
  assert {
    condition     = length(local.unbuilt) == 0
    error_message = "Not built, so an apply would fail: ${join(", ", local.unbuilt)}. Run make bundle first."
  }
}

resource "google_storage_bucket_object" "bundle" {
  for_each = local.functions

  bucket       = google_storage_bucket.sources.name
  name         = "functions/${each.key}-${local.digests[each.key]}.zip"
  source       = "${path.module}/../build/functions/${each.key}.zip"
  content_type = "application/zip"
}

module "function" {
  source   = "./modules/function"
  for_each = local.functions

  name        = local.services[each.key]
  description = each.value.summary
  location    = var.region
  labels      = { area = each.value.area }
  account     = local.accounts[each.key]

  build = {
    account    = google_service_account.builder.id
    base_image = local.python_base_image
    environment = {
      GOOGLE_FUNCTION_SIGNATURE_TYPE = "http" # events arrive as pushes, see docs/architecture.md
      GOOGLE_FUNCTION_TARGET         = "handle"
    }
    image  = "${local.functions_repository}/${local.services[each.key]}:${local.digests[each.key]}"
    source = "gs://${google_storage_bucket.sources.name}/${google_storage_bucket_object.bundle[each.key].name}"
  }

  concurrency         = local.scaling[each.key].concurrency
  min_instances       = local.scaling[each.key].min
  max_instances       = local.scaling[each.key].max
  memory              = try(each.value.memory, "512Mi")
  timeout_seconds     = try(each.value.timeout_seconds, 30)
  environment         = local.environments[each.key]
  mounts              = local.mounts[each.key]
  network             = local.network
  egress              = contains(keys(local.callers), each.key) ? "ALL_TRAFFIC" : "PRIVATE_RANGES_ONLY"
  public              = each.key == "gateway"
  liveness_path       = "/health/live"
  invokers            = local.invokers[each.key]
  deletion_protection = var.deletion_protection

  depends_on = [
    google_artifact_registry_repository_iam_member.builder,
    google_project_iam_member.deployable,
    google_storage_bucket_iam_member.artifacts,
    google_storage_bucket_iam_member.raw,
    module.topic, # its schema knows a field before the code that sends it runs
  ]
}
