# What a folder asks for and cannot have: the plan stops and names folder and key. What a manifest may hold at all is
# decided by functions/manifest.py.
locals {
  roles = { for folder, manifest in local.manifests : folder => try(manifest.roles, []) }

  resource_roles = toset([
    "roles/pubsub.publisher",             # topics.tf: each topic in `publishes`
    "roles/run.invoker",                  # functions.tf: each service with a route
    "roles/secretmanager.secretAccessor", # secrets.tf: each secret in `secrets`
    "roles/storage.legacyBucketWriter",   # buckets.tf: the bucket of artifacts
    "roles/storage.objectUser",           # buckets.tf: the bucket of raw pages
  ])
  known_roles = setunion(local.resource_roles, toset(keys(local.project_roles)))

  problems = {
    for folder, manifest in local.manifests : folder => concat(
      [for name in try(manifest.env, []) : "env: ${name} is no variable that terraform/environment.tf gives"
      if !contains(local.known_variables, name)],
      [for role in local.roles[folder] : "roles: ${role} has no binding in terraform/manifests.tf"
      if !contains(local.known_roles, role)],
      [for topic in try(manifest.event.topics, []) : "event.topics: nobody publishes ${topic}"
      if !contains(local.published, topic)],
      [for topic in try(manifest.publishes, []) : "publishes: ${topic} has no schema, terraform/schemas/${topic}.proto"
      if !contains(keys(local.schemas), topic)],
      length(try(manifest.publishes, [])) > 0 && !contains(local.roles[folder], "roles/pubsub.publisher")
      ? ["publishes: nothing can be published without roles/pubsub.publisher"] : [],
      length(try(manifest.secrets, [])) > 0 && !contains(local.roles[folder], "roles/secretmanager.secretAccessor")
      ? ["secrets: none can be read without roles/secretmanager.secretAccessor"] : [],
      length(local.services[folder]) > 25 ? ["the folder's name is longer than 25 letters, its accounts' names would be too"] : [],
    )
  }
}

resource "terraform_data" "manifest" {
  for_each = local.manifests

  lifecycle {
    precondition {
      condition     = length(local.problems[each.key]) == 0
      error_message = "functions/${each.key}/function.yaml: ${join("; ", local.problems[each.key])}"
    }
  }
}

# Connections: every instance of every function that reads SQL, each with as many as it can use at once.
locals {
  connections = {
    for folder, scaling in local.scaling : folder => scaling.max * min(scaling.concurrency, var.connection_pool)
    if contains(local.roles[folder], "roles/cloudsql.client")
  }
}
