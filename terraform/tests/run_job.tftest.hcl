variables {
  account  = "job-catalog-fetch@media-gateway-dev.iam.gserviceaccount.com"
  folder   = "catalog_fetch"
  image    = "us-central1-docker.pkg.dev/media-gateway-dev/jobs/jobs@sha256:0a1b"
  location = "us-central1"
  name     = "catalog-fetch"
  network = {
    network    = "network"
    subnetwork = "subnetwork"
  }
}

run "folder_survives_arguments_that_replace_its_own" {
  command = plan

  module {
    source = "./modules/job"
  }

  assert {
    condition     = google_cloud_run_v2_job.job.template[0].template[0].containers[0].command == tolist(["python", "-m", "shared.runtime.jobs", "catalog_fetch"])
    error_message = "A run with arguments of its own would not know which job it is."
  }
}

run "work_longer_than_a_day_is_refused" {
  command = plan

  module {
    source = "./modules/job"
  }

  variables {
    timeout_seconds = 86401
  }

  expect_failures = [var.timeout_seconds]
}

run "runner_gets_its_role_on_this_job_alone" {
  command = plan

  module {
    source = "./modules/job"
  }

  variables {
    runners = { refresh = { member = "serviceAccount:wf@p.iam.gserviceaccount.com", role = "roles/run.jobsExecutorWithOverrides" } }
  }

  assert {
    condition     = google_cloud_run_v2_job_iam_member.runner["refresh"].name == "catalog-fetch"
    error_message = "The role is not on the job."
  }
}
