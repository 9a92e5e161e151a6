variable "agent" {
  description = "Member that Pub/Sub itself acts as: it moves dead letters."
  type        = string
  nullable    = false
}

variable "dead_letter_days" {
  description = "Days for which a dead letter waits for the function that keeps it."
  type        = number
  default     = 31
  nullable    = false

  validation {
    condition     = var.dead_letter_days >= 1 && var.dead_letter_days <= 31
    error_message = "Pub/Sub keeps a message for 1 to 31 days."
  }
}

variable "keeper" {
  description = "Function that keeps dead letters: its address, and the account that calls it."
  type        = object({ url = string, account = string })
  nullable    = false
}

variable "key" {
  description = "Key that encrypts its messages."
  type        = string
  nullable    = false
}

variable "labels" {
  description = "Its labels."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "name" {
  description = "Its name, the type of its events."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+([.-][a-z]+)+$", var.name)) && !startswith(var.name, "goog")
    error_message = "A topic's name is words joined by dots or dashes."
  }
}

variable "publishers" {
  description = "Who may publish: members by a name of their own."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "regions" {
  description = "Regions that messages may be kept in and sent through."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.regions) > 0
    error_message = "Messages are kept in one region at least."
  }
}

variable "retention_days" {
  description = "Days for which a message can be played again."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 31
    error_message = "Pub/Sub keeps a message for 1 to 31 days."
  }
}

variable "schema" {
  description = "Protocol buffer that every message conforms to, in JSON."
  type        = string
  nullable    = false

  validation {
    condition     = !can(regex("(?m)^import ", var.schema))
    error_message = "A schema stands alone: Pub/Sub resolves no import."
  }
}
