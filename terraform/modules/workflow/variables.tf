variable "account" {
  description = "Id of the service account that it runs as."
  type        = string
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether it refuses to be destroyed."
  type        = bool
  default     = true
  nullable    = false
}

variable "description" {
  description = "What it does."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Its environment variables."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.environment) : !startswith(name, "GOOGLE") && !startswith(name, "WORKFLOWS")])
    error_message = "Names that start with GOOGLE or WORKFLOWS belong to Workflows itself."
  }
}

variable "labels" {
  description = "Its labels."
  type        = map(string)
  default     = {}
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

variable "source_contents" {
  description = "Its source."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.source_contents) > 0 && length(var.source_contents) <= 131072
    error_message = "A workflow's source has at most 128 KiB."
  }
}
