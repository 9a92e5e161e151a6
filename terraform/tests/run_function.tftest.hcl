variables {
  account     = "fn-search-query@media-gateway-dev.iam.gserviceaccount.com"
  description = "Titles that match words and meaning"
  location    = "us-central1"
  name        = "search-query"
  build = {
    account     = "builder"
    base_image  = "python312"
    environment = { GOOGLE_FUNCTION_SIGNATURE_TYPE = "http" }
    image       = "us-central1-docker.pkg.dev/media-gateway-dev/functions/search-query:0a1b"
    source      = "gs://media-gateway-dev-sources/functions/search_query-0a1b.zip"
  }
  network = {
    network    = "network"
    subnetwork = "subnetwork"
  }
}

run "work_longer_than_an_hour_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    timeout_seconds = 3601
  }

  expect_failures = [var.timeout_seconds]
}

run "memory_too_small_for_a_mount_is_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    memory = "256Mi"
  }

  expect_failures = [var.memory]
}

run "more_idle_instances_than_instances_are_refused" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    max_instances = 2
    min_instances = 3
  }

  expect_failures = [var.min_instances]
}

run "function_is_closed_to_the_internet_and_to_everyone_not_named" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    invokers = { gateway = "serviceAccount:fn-gateway@media-gateway-dev.iam.gserviceaccount.com" }
  }

  assert {
    condition     = google_cloud_run_v2_service.function.ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    error_message = "An internal function can be reached from outside."
  }

  assert {
    condition     = !google_cloud_run_v2_service.function.invoker_iam_disabled
    error_message = "An internal function asks nobody who he is."
  }

  assert {
    condition     = [for one in google_cloud_run_v2_service_iam_member.invoker : one.member] == ["serviceAccount:fn-gateway@media-gateway-dev.iam.gserviceaccount.com"]
    error_message = "Someone who was not named may call it."
  }
}

run "public_function_takes_only_what_comes_through_the_load_balancer" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    public = true
  }

  assert {
    condition     = google_cloud_run_v2_service.function.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    error_message = "The public function can be reached around the load balancer."
  }
}

run "memory_beyond_four_gibibytes_brings_a_second_cpu" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    memory = "6Gi"
  }

  assert {
    condition     = google_cloud_run_v2_service.function.template[0].containers[0].resources[0].limits.cpu == "2"
    error_message = "Cloud Run gives at most 4 GiB to one CPU."
  }
}

run "artifacts_are_mounted_without_the_right_to_change_them" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    mounts = { artifacts = { bucket = "media-gateway-dev-artifacts", path = "/mnt/artifacts", read_only = true } }
  }

  assert {
    condition     = google_cloud_run_v2_service.function.template[0].volumes[0].gcs[0].read_only
    error_message = "The mount of artifacts can be written to."
  }

  assert {
    condition     = google_cloud_run_v2_service.function.template[0].containers[0].volume_mounts[0].mount_path == "/mnt/artifacts"
    error_message = "Artifacts are not where the function looks for them."
  }
}

run "only_a_function_with_a_path_of_life_is_asked_for_it" {
  command = plan

  module {
    source = "./modules/function"
  }

  assert {
    condition     = length(google_cloud_run_v2_service.function.template[0].containers[0].liveness_probe) == 0
    error_message = "A function without such a path would be restarted for ever."
  }
}
