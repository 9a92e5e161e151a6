# Alphabetical; what an environment sets stands in environments/*.tfvars.

variable "allowed_origins" {
  description = "Origins of web pages that may call the gateway, without a slash at the end."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.allowed_origins : can(regex("^https://[a-z0-9.:-]+$", origin))])
    error_message = "An origin is https:// and a host, nothing after it."
  }
}

variable "audit_retention_days" {
  description = "Days that an object of the audit bucket can neither be changed nor removed."
  type        = number
  default     = 400
  nullable    = false

  validation {
    condition     = var.audit_retention_days >= 1
    error_message = "audit_retention_days is at least 1."
  }
}

variable "audit_retention_locked" {
  description = "Nobody can shorten or lift the audit buckets' retention any more; this cannot be taken back either."
  type        = bool
  default     = false
  nullable    = false
}

variable "connection_pool" {
  description = "Connections that one process keeps open at most: POOL_SIZE of shared/adapters/connect.py."
  type        = number
  default     = 4
  nullable    = false
}

variable "database_max_connections" {
  description = "The database's max_connections; functions together may take four fifths of it."
  type        = number
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether what holds data or serves viewers refuses to be destroyed."
  type        = bool
  nullable    = false
}

variable "environment" {
  description = "Which environment this is."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment is dev, staging or prod."
  }
}

variable "jobs_image" {
  description = "Image of every job, by digest; empty before one was built."
  type        = string
  default     = ""
  nullable    = false
}

variable "language_model" {
  description = "Whose language model reads questions behind the searches, gemini or openai; empty asks nobody."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = contains(["", "gemini", "openai"], var.language_model)
    error_message = "The provider is gemini, openai, or empty."
  }
}

variable "log_level" {
  description = "Least severity that functions and jobs log."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level is DEBUG, INFO, WARNING or ERROR."
  }
}

variable "mail_pages" {
  description = "Address of the pages that links in mails lead to; empty is our own, {issuer}/account."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(https://.*)?$", var.mail_pages))
    error_message = "mail_pages begins with https://, or is empty."
  }
}

variable "mail_sender" {
  description = "Whom mails are from, Name <name@host>."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^\\r\\n]+@[^\\r\\n]+$", var.mail_sender))
    error_message = "mail_sender is one line with an address."
  }
}

variable "mail_url" {
  description = "Where mail is handed in, smtps://user@host:465 or smtp://user@host:587; the password is the secret mail-key."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^smtps?://", var.mail_url))
    error_message = "mail_url begins with smtps:// or smtp://."
  }
}

variable "most_idle_instances" {
  description = "Ceiling on the instances of a function that stay up without work, whatever its manifest asks for."
  type        = number
  nullable    = false
}

variable "most_instances" {
  description = "Ceiling on the instances of a function, whatever its manifest asks for."
  type        = number
  nullable    = false

  validation {
    condition     = var.most_instances >= 1
    error_message = "most_instances is at least 1."
  }
}

variable "project" {
  description = "Id of the project that holds everything of this environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is a project id: 6 to 30 lower-case letters, digits and dashes."
  }
}

variable "provider_plans" {
  description = "What replaces limits of catalog providers, JSON by provider as in shared/catalog/data/providers.json; empty replaces none."
  type        = string
  default     = ""
  nullable    = false
}

variable "provider_url" {
  description = "Base address of the Streaming Availability API."
  type        = string
  default     = "https://streaming-availability.p.rapidapi.com"
  nullable    = false
}

variable "python_runtime" {
  description = "Runtime under which functions are built and run."
  type        = string
  default     = "python312"
  nullable    = false

  validation {
    condition     = contains(["python311", "python312", "python313"], var.python_runtime)
    error_message = "python_runtime is python311, python312 or python313."
  }
}

variable "raw_retention_days" {
  description = "Days after which a raw provider page is removed."
  type        = number
  default     = 90
  nullable    = false
}

variable "region" {
  description = "Region of everything regional; events never leave it."
  type        = string
  default     = "us-central1"
  nullable    = false
}

variable "youtube_channels" {
  description = "Ids of the YouTube channels whose videos are brought in."
  type        = list(string)
  default     = []
  nullable    = false
}
