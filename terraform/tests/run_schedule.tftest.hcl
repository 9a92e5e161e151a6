variables {
  account     = "cron-outbox-relay@media-gateway-dev.iam.gserviceaccount.com"
  cron        = "* * * * *"
  description = "Starts outbox-relay"
  name        = "outbox-relay"
  region      = "us-central1"
  target = {
    audience = "https://outbox-relay-1.us-central1.run.app"
    body     = "{}"
    uri      = "https://outbox-relay-1.us-central1.run.app/"
  }
}

run "function_is_called_with_an_identity_token_for_itself" {
  command = plan

  module {
    source = "./modules/schedule"
  }

  assert {
    condition     = google_cloud_scheduler_job.schedule.http_target[0].oidc_token[0].audience == "https://outbox-relay-1.us-central1.run.app"
    error_message = "The token is for someone else."
  }

  assert {
    condition     = length(google_cloud_scheduler_job.schedule.http_target[0].oauth_token) == 0
    error_message = "A function of ours is handed a token that opens Google's APIs."
  }
}

run "api_of_google_is_called_with_an_access_token" {
  command = plan

  module {
    source = "./modules/schedule"
  }

  variables {
    target = {
      body = "{}"
      uri  = "https://workflowexecutions.googleapis.com/v1/projects/p/locations/r/workflows/w/executions"
    }
  }

  assert {
    condition     = length(google_cloud_scheduler_job.schedule.http_target[0].oidc_token) == 0 && length(google_cloud_scheduler_job.schedule.http_target[0].oauth_token) == 1
    error_message = "Google's APIs take access tokens only."
  }
}

run "access_token_for_a_stranger_is_refused" {
  command = plan

  module {
    source = "./modules/schedule"
  }

  variables {
    target = {
      body = "{}"
      uri  = "https://example.com/"
    }
  }

  expect_failures = [var.target]
}

run "schedule_without_five_fields_is_refused" {
  command = plan

  module {
    source = "./modules/schedule"
  }

  variables {
    cron = "@hourly"
  }

  expect_failures = [var.cron]
}
