variable "account" {
  description = "Email of the service account that it runs as."
  type        = string
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether it refuses to be destroyed."
  type        = bool
  default     = true
  nullable    = false
}

variable "environment" {
  description = "Its environment variables."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "folder" {
  description = "Folder of functions/ that it runs."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Image of every job."
  type        = string
  nullable    = false
}

variable "labels" {
  description = "Its labels."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "location" {
  description = "Its region."
  type        = string
  nullable    = false
}

variable "max_retries" {
  description = "How often a task that failed is tried again."
  type        = number
  default     = 1
  nullable    = false
}

variable "memory" {
  description = "Memory of one task, 512Mi or more."
  type        = string
  default     = "512Mi"
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]+Mi|[0-9]+Gi)$", var.memory)) && !can(regex("^([0-9]{1,2}|[1-4][0-9]{2})Mi$", var.memory))
    error_message = "memory is a number of Mi or Gi, at least 512Mi: the execution environment that mounts buckets needs it."
  }
}

variable "mounts" {
  description = "Buckets mounted as folders, by name."
  type = map(object({
    bucket    = string
    path      = string
    read_only = bool
  }))
  default  = {}
  nullable = false
}

variable "name" {
  description = "Its name, unique in the project and region."
  type        = string
  nullable    = false
}

variable "network" {
  description = "Network and subnetwork that it sends through."
  type = object({
    network    = string
    subnetwork = string
  })
  nullable = false
}

variable "runners" {
  description = "Who may run it: role and member, by a name of their own."
  type = map(object({
    member = string
    role   = string
  }))
  default  = {}
  nullable = false
}

variable "tasks" {
  description = "Tasks of one execution, side by side."
  type        = number
  default     = 1
  nullable    = false
}

variable "timeout_seconds" {
  description = "Longest time for one task."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 86400
    error_message = "A task lasts at most a day."
  }
}
