variables {
  account         = "projects/p/serviceAccounts/wf-catalog-refresh"
  description     = "Brings catalogs up to date"
  name            = "catalog-refresh"
  region          = "us-central1"
  source_contents = "main: {steps: [{done: {return: 1}}]}"
}

run "variable_that_belongs_to_google_is_refused" {
  command = plan

  module {
    source = "./modules/workflow"
  }

  variables {
    environment = { GOOGLE_CLOUD_PROJECT_ID = "other" }
  }

  expect_failures = [var.environment]
}

run "workflow_without_a_source_is_refused" {
  command = plan

  module {
    source = "./modules/workflow"
  }

  variables {
    source_contents = ""
  }

  expect_failures = [var.source_contents]
}

run "workflow_runs_as_the_account_it_was_given" {
  command = plan

  module {
    source = "./modules/workflow"
  }

  assert {
    condition     = google_workflows_workflow.workflow.service_account == "projects/p/serviceAccounts/wf-catalog-refresh"
    error_message = "It runs as the project's default account."
  }
}
