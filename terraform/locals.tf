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
}

data "google_project" "this" {
  project_id = var.project
}
