# Every secret that a manifest names. Terraform makes the secret and says who reads it; its value is added by hand and never
# comes near the state: gcloud secrets versions add NAME --data-file=-
locals {
  secret_names = toset(flatten([for manifest in values(local.manifests) : try(manifest.secrets, [])]))
  secret_readers = merge([
    for folder, manifest in local.manifests : {
      for name in try(manifest.secrets, []) : "${folder} ${name}" => { folder = folder, name = name }
      if contains(local.roles[folder], "roles/secretmanager.secretAccessor")
    }
  ]...)
}

resource "google_secret_manager_secret" "secret" {
  for_each = local.secret_names

  secret_id           = each.value
  version_destroy_ttl = "604800s" # a week to take a removal back
  deletion_protection = var.deletion_protection

  replication {
    user_managed {
      replicas {
        location = var.region

        customer_managed_encryption {
          kms_key_name = local.keys["secrets"]
        }
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secret_readers

  secret_id = google_secret_manager_secret.secret[each.value.name].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.members[each.value.folder]
}
