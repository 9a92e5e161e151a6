variable "account" {
  description = "Email of the service account that calls."
  type        = string
  nullable    = false
}

variable "cron" {
  description = "When: five fields."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^\\S+( \\S+){4}$", var.cron))
    error_message = "A schedule has five fields."
  }
}

variable "deadline_seconds" {
  description = "How long an answer is waited for."
  type        = number
  default     = 180
  nullable    = false

  validation {
    condition     = var.deadline_seconds >= 15 && var.deadline_seconds <= 1800
    error_message = "Cloud Scheduler waits 15 seconds to 30 minutes."
  }
}

variable "description" {
  description = "What it starts."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Its name."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Its region."
  type        = string
  nullable    = false
}

variable "target" {
  description = "What is called with which JSON; audience is null for an API of Google's."
  type = object({
    audience = optional(string)
    body     = string
    uri      = string
  })
  nullable = false

  validation {
    condition     = can(regex("^https://[^/]+\\.googleapis\\.com/", var.target.uri)) == (var.target.audience == null)
    error_message = "An identity token goes to our own functions only, an access token to Google's APIs only."
  }
}

variable "time_zone" {
  description = "Time zone of the fields."
  type        = string
  default     = "Etc/UTC"
  nullable    = false
}
