# One batch job from the image of all jobs. Its folder stands in the command, not in the arguments: whoever runs it with
# arguments of his own replaces those.
locals {
  mebibytes = (
    endswith(var.memory, "Gi")
    ? tonumber(trimsuffix(var.memory, "Gi")) * 1024
    : tonumber(trimsuffix(var.memory, "Mi"))
  )
  cpu = local.mebibytes > 8192 ? 4 : local.mebibytes > 4096 ? 2 : 1
}

resource "google_cloud_run_v2_job" "job" {
  name                = var.name
  location            = var.location
  labels              = var.labels
  deletion_protection = var.deletion_protection

  template {
    task_count = var.tasks

    template {
      service_account       = var.account
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      timeout               = "${var.timeout_seconds}s"
      max_retries           = var.max_retries

      containers {
        image   = var.image
        command = ["python", "-m", "shared.runtime.jobs", var.folder]

        resources {
          limits = {
            cpu    = tostring(local.cpu)
            memory = var.memory
          }
        }

        dynamic "env" {
          for_each = var.environment
          content {
            name  = env.key
            value = env.value
          }
        }

        dynamic "volume_mounts" {
          for_each = var.mounts
          content {
            name       = volume_mounts.key
            mount_path = volume_mounts.value.path
          }
        }
      }

      dynamic "volumes" {
        for_each = var.mounts
        content {
          name = volumes.key

          gcs {
            bucket    = volumes.value.bucket
            read_only = volumes.value.read_only
          }
        }
      }

      vpc_access {
        egress = "PRIVATE_RANGES_ONLY"

        network_interfaces {
          network    = var.network.network
          subnetwork = var.network.subnetwork
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [client, client_version]
  }
}

resource "google_cloud_run_v2_job_iam_member" "runner" {
  for_each = var.runners

  location = google_cloud_run_v2_job.job.location
  name     = google_cloud_run_v2_job.job.name
  role     = each.value.role
  member   = each.value.member
}
