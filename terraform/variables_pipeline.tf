# What differs between the pipelines of environments; set in environments/*.tfvars.

variable "pipeline" {
  description = "Which commits come here: pushes to a branch or of a tag, pull requests against a branch (patterns, empty for none), whether somebody agrees before each release, and the digest of python:3.12-slim-bookworm that jobs stand on."
  type = object({
    approval      = bool
    branch        = optional(string, "")
    pull_requests = optional(string, "")
    python_digest = optional(string, "")
    repository    = string
    tag           = optional(string, "")
  })
  nullable = false

  validation {
    condition     = (var.pipeline.branch == "") != (var.pipeline.tag == "")
    error_message = "pipeline has a branch or a tag, by which releases come."
  }

  validation {
    condition     = var.environment != "prod" || var.pipeline.approval
    error_message = "pipeline.approval: somebody agrees before each release to prod."
  }

  validation {
    condition     = can(regex("^(sha256:[0-9a-f]{64})?$", var.pipeline.python_digest))
    error_message = "pipeline.python_digest is sha256: and 64 hexadecimal digits; while it is empty no image of jobs is built."
  }
}
