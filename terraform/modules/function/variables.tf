variable "account" {
  description = "Email of the service account that it runs as."
  type        = string
  nullable    = false
}

variable "build" {
  description = "What its image is made from, and where the image is."
  type = object({
    account     = string
    base_image  = string
    environment = map(string)
    image       = string
    source      = string
  })
  nullable = false
}

variable "concurrency" {
  description = "Requests that one instance takes at once."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000
    error_message = "An instance takes 1 to 1000 requests at once."
  }
}

variable "deletion_protection" {
  description = "Whether it refuses to be destroyed."
  type        = bool
  default     = true
  nullable    = false
}

variable "description" {
  description = "Its summary."
  type        = string
  nullable    = false
}

variable "egress" {
  description = "What goes through the network: PRIVATE_RANGES_ONLY or ALL_TRAFFIC."
  type        = string
  default     = "PRIVATE_RANGES_ONLY"
  nullable    = false

  validation {
    condition     = contains(["PRIVATE_RANGES_ONLY", "ALL_TRAFFIC"], var.egress)
    error_message = "egress is PRIVATE_RANGES_ONLY or ALL_TRAFFIC."
  }
}

variable "environment" {
  description = "Its environment variables."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "invokers" {
  description = "Who may call it: members by a name of their own."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "labels" {
  description = "Its labels."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "liveness_path" {
  description = "Path that answers while the process is well; empty where it has none."
  type        = string
  default     = ""
  nullable    = false
}

variable "location" {
  description = "Its region."
  type        = string
  nullable    = false
}

variable "max_instances" {
  description = "Most instances at once."
  type        = number
  default     = 10
  nullable    = false
}

variable "memory" {
  description = "Memory of one instance, 512Mi or more."
  type        = string
  default     = "512Mi"
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]+Mi|[0-9]+Gi)$", var.memory)) && !can(regex("^([0-9]{1,2}|[1-4][0-9]{2})Mi$", var.memory))
    error_message = "memory is a number of Mi or Gi, at least 512Mi: the execution environment that mounts buckets needs it."
  }
}

variable "min_instances" {
  description = "Instances that stay up without work."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.min_instances <= var.max_instances
    error_message = "No more instances can stay up than there may be at all."
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

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$", var.name))
    error_message = "A service's name has at most 49 lower-case letters, digits and dashes."
  }
}

variable "network" {
  description = "Network and subnetwork that it sends through."
  type = object({
    network    = string
    subnetwork = string
  })
  nullable = false
}

variable "public" {
  description = "Whether the load balancer may call it for anyone."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeout_seconds" {
  description = "Longest time for one request."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 3600
    error_message = "A request lasts at most an hour; longer work is a job."
  }
}
