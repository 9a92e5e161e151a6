# One function: a Cloud Run service whose image the pipeline built from its bundle.
locals {
  # Cloud Run gives up to 4 GiB to one CPU and up to 8 GiB to two.
  mebibytes = (
    endswith(var.memory, "Gi")
    ? tonumber(trimsuffix(var.memory, "Gi")) * 1024
    : tonumber(trimsuffix(var.memory, "Mi"))
  )
  cpu = local.mebibytes > 8192 ? 4 : local.mebibytes > 4096 ? 2 : 1
}

resource "google_cloud_run_v2_service" "function" {
  name                 = var.name
  location             = var.location
  description          = var.description
  labels               = var.labels
  ingress              = var.public ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_INTERNAL_ONLY"
  invoker_iam_disabled = var.public # a load balancer signs nothing; everyone else needs run.invoker
  deletion_protection  = var.deletion_protection

  # Says what the image was made from. The provider starts no build by it: the pipeline does, before apply.
  build_config {
    source_location          = var.build.source
    function_target          = "handle"
    image_uri                = var.build.image
    base_image               = var.build.base_image
    enable_automatic_updates = false
    environment_variables    = var.build.environment
    service_account          = var.build.account
  }

  template {
    service_account                  = var.account
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2" # mounts need it
    timeout                          = "${var.timeout_seconds}s"
    max_instance_request_concurrency = var.concurrency

    scaling {
      min_instance_count = var.min_instances
      max_instance_count = var.max_instances
    }

    containers {
      image = var.build.image

      ports {
        container_port = 8080
      }

      resources {
        cpu_idle          = true
        startup_cpu_boost = true
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

      startup_probe {
        failure_threshold = 12
        period_seconds    = 5
        timeout_seconds   = 2

        tcp_socket {
          port = 8080
        }
      }

      dynamic "liveness_probe" {
        for_each = var.liveness_path == "" ? [] : [var.liveness_path]
        content {
          failure_threshold = 3
          period_seconds    = 15
          timeout_seconds   = 5

          http_get {
            path = liveness_probe.value
            port = 8080
          }
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
      egress = var.egress

      network_interfaces {
        network    = var.network.network
        subnetwork = var.network.subnetwork
      }
    }
  }

  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  lifecycle {
    ignore_changes = [client, client_version, traffic] # the pipeline's canary owns the split
  }
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.invokers

  location = google_cloud_run_v2_service.function.location
  name     = google_cloud_run_v2_service.function.name
  role     = "roles/run.invoker"
  member   = each.value
}
