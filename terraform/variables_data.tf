# Data stores, network, edge and observability. Alphabetical; what an environment sets stands in environments/*.tfvars.

variable "alert_channels" {
  description = "Where alerts go: page wakes somebody, ticket waits for the working day."
  type = map(object({
    type   = string
    labels = map(string)
  }))
  nullable = false

  validation {
    condition     = toset(keys(var.alert_channels)) == toset(["page", "ticket"])
    error_message = "alert_channels has exactly the keys page and ticket."
  }
}

variable "armor_ban_seconds" {
  description = "How long an address that asks too often is refused."
  type        = number
  default     = 600
  nullable    = false
}

variable "armor_preview" {
  description = "Whether the WAF rules only log what they would refuse: the first two weeks of an environment."
  type        = bool
  nullable    = false
}

variable "armor_requests_per_minute" {
  description = "Requests that one address may make in a minute before it is banned."
  type        = number
  default     = 1000
  nullable    = false
}

variable "blocked_countries" {
  description = "Countries that are not served, as ISO 3166-1 alpha-2."
  type        = list(string)
  default     = ["CU", "IR", "KP"]
  nullable    = false

  validation {
    condition     = alltrue([for code in var.blocked_countries : can(regex("^[A-Z]{2}$", code))])
    error_message = "blocked_countries are two capital letters each."
  }
}

variable "blocked_ranges" {
  description = "Ranges that are never served; by default those that no client on the internet can have."
  type        = list(string)
  default     = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4"]
  nullable    = false

  validation {
    condition     = alltrue([for range in var.blocked_ranges : can(cidrhost(range, 0))])
    error_message = "blocked_ranges are CIDR ranges."
  }
}

variable "budget_usd" {
  description = "What the project may cost in a month, in US dollars."
  type        = number
  nullable    = false

  validation {
    condition     = var.budget_usd >= 1 && floor(var.budget_usd) == var.budget_usd
    error_message = "budget_usd is a whole number of dollars, at least 1."
  }
}

variable "cache" {
  description = "Size of Memorystore; read replicas need STANDARD_HA and 5 GB."
  type = object({
    tier       = string
    memory_gb  = number
    replicas   = optional(number, 0)
    persistent = optional(bool, false)
  })
  nullable = false

  validation {
    condition     = contains(["BASIC", "STANDARD_HA"], var.cache.tier)
    error_message = "cache.tier is BASIC or STANDARD_HA."
  }

  validation {
    condition     = var.cache.replicas == 0 || (var.cache.tier == "STANDARD_HA" && var.cache.memory_gb >= 5)
    error_message = "cache.replicas need tier STANDARD_HA and at least 5 GB."
  }
}

variable "database" {
  description = "Size of Cloud SQL, what it keeps for a restore, and its replicas by name."
  type = object({
    tier          = string
    availability  = string
    disk_gb       = number
    disk_limit_gb = number
    kept_backups  = number
    kept_log_days = number
    replicas = optional(map(object({
      region = string
      tier   = string
    })), {})
  })
  nullable = false

  validation {
    condition     = contains(["ZONAL", "REGIONAL"], var.database.availability)
    error_message = "database.availability is ZONAL or REGIONAL."
  }

  validation {
    condition     = var.database.kept_log_days >= 1 && var.database.kept_log_days <= 7
    error_message = "database.kept_log_days is 1 to 7: point-in-time recovery is on everywhere."
  }

  validation {
    condition     = var.database.disk_limit_gb == 0 || var.database.disk_limit_gb >= var.database.disk_gb
    error_message = "database.disk_limit_gb is 0 for no limit, or at least disk_gb."
  }
}

variable "deploy_vector_index" {
  description = "Whether the vector index is deployed. A deployed index costs by the hour; without it search has words only."
  type        = bool
  nullable    = false
}

variable "domains" {
  description = "Host names of the public door; the first is the one that probes call."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.domains) > 0 && alltrue([for domain in var.domains : can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", domain))])
    error_message = "domains are host names, at least one."
  }
}

variable "egress_range" {
  description = "Range of the subnetwork from which functions and jobs reach out; an instance takes up to four addresses of it."
  type        = string
  default     = "10.2.0.0/22"
  nullable    = false

  validation {
    condition     = can(cidrsubnet(var.egress_range, 0, 0)) && cidrsubnet(var.egress_range, 0, 0) == var.egress_range
    error_message = "egress_range is aligned: no bit stands beyond its prefix."
  }

  validation {
    condition     = tonumber(split("/", var.egress_range)[1]) <= 24
    error_message = "egress_range holds at least 256 addresses."
  }
}

variable "embedding_dimensions" {
  description = "Dimensions of the vectors that the embedding model makes; another model needs another index."
  type        = number
  default     = 384
  nullable    = false
}

variable "operator_ranges" {
  description = "Ranges of our own operators, who pass every rule of the door."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for range in var.operator_ranges : can(cidrhost(range, 0)) && !endswith(range, "/0")])
    error_message = "operator_ranges are CIDR ranges and never everybody."
  }
}

variable "runbooks" {
  description = "Where docs/runbooks is read: the address that alerts link to."
  type        = string
  default     = "docs/runbooks"
  nullable    = false
}

variable "services_range" {
  description = "Range that is peered to Google's services: Cloud SQL takes a /24 of it per region, Memorystore up to a /28."
  type        = string
  default     = "10.3.0.0/20"
  nullable    = false

  validation {
    condition     = can(cidrsubnet(var.services_range, 0, 0)) && cidrsubnet(var.services_range, 0, 0) == var.services_range
    error_message = "services_range is aligned: no bit stands beyond its prefix."
  }

  validation {
    condition     = tonumber(split("/", var.services_range)[1]) <= 22
    error_message = "services_range holds a /24 for each of two regions and a /28 for Redis: /22 or larger."
  }
}

variable "vector_endpoint_public" {
  description = "Whether the index endpoint has a public name behind IAM, which its REST surface needs; else it takes private service connect."
  type        = bool
  default     = true
  nullable    = false
}

variable "vector_machine" {
  description = "Machine of a vector search replica."
  type        = string
  default     = "e2-standard-2"
  nullable    = false
}

variable "vector_replicas" {
  description = "Fewest and most replicas of the deployed index."
  type = object({
    min = number
    max = number
  })
  default = {
    min = 1
    max = 1
  }
  nullable = false

  validation {
    condition     = var.vector_replicas.min >= 1 && var.vector_replicas.max >= var.vector_replicas.min
    error_message = "vector_replicas.min is at least 1 and at most max."
  }
}
