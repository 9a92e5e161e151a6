# Images of functions, one repository, and of jobs, another: the pipeline writes, Cloud Run reads.
locals {
  repositories = {
    functions = "Images of functions, tagged by the sha256 of their bundle"
    jobs      = "The image of all jobs, and what the pipeline builds with"
  }
  functions_repository = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images["functions"].repository_id}"
  jobs_repository      = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images["jobs"].repository_id}"
}

resource "google_artifact_registry_repository" "images" {
  for_each = local.repositories

  location      = var.region
  repository_id = each.key
  description   = each.value
  format        = "DOCKER"
  kms_key_name  = local.keys["artifacts"]

  docker_config {
    immutable_tags = true # a tag names one content for ever
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  # What runs is among the newest of its name; the rest goes after a month.
  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "remove-old"
    action = "DELETE"

    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  for_each = google_artifact_registry_repository.images

  location   = each.value.location
  repository = each.value.name
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${google_service_account.builder.email}"
}
