# Every function folder becomes one deployable; nothing else lists them.
locals {
  name = "mg-${var.environment}"

  labels = {
    environment = var.environment
    product     = "media-gateway"
  }

  folder = "${path.module}/../functions"
  manifests = {
    for manifest in fileset(local.folder, "*/function.yaml") :
    dirname(manifest) => yamldecode(file("${local.folder}/${manifest}"))
  }
  services  = { for folder in keys(local.manifests) : folder => replace(folder, "_", "-") }
  functions = { for folder, manifest in local.manifests : folder => manifest if !can(manifest.job) }
  jobs      = { for folder, manifest in local.manifests : folder => manifest if can(manifest.job) }

  # Cloud Run's address of a service, known before there is one; it is also the audience of tokens.
  function_url = "https://{service}-${data.google_project.this.number}.${var.region}.run.app"
  urls         = { for folder, service in local.services : folder => replace(local.function_url, "{service}", service) }

  network = {
    network    = google_compute_network.network.id
    subnetwork = google_compute_subnetwork.functions.id
  }
}

data "google_project" "this" {
  project_id = var.project
}
