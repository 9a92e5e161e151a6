output "connections" {
  description = "Connections that all functions together may hold."
  value       = sum(concat([0], values(local.connections)))

  precondition {
    condition     = sum(concat([0], values(local.connections))) <= 0.8 * var.database_max_connections
    error_message = "Functions may hold ${sum(concat([0], values(local.connections)))} connections (${join(", ", [for folder, count in local.connections : "${folder} ${count}"])}), more than four fifths of database_max_connections = ${var.database_max_connections}: the rest belongs to jobs, migrations and people."
  }
}

output "functions" {
  description = "What each function's image is made from, and its name: the pipeline builds these before it applies."
  value = {
    for folder in keys(local.functions) : folder => {
      image   = "${local.functions_repository}/${local.services[folder]}:${local.digests[folder]}"
      service = module.function[folder].name
      source  = "gs://${google_storage_bucket.sources.name}/${google_storage_bucket_object.bundle[folder].name}"
    }
  }

  precondition {
    condition     = length(local.manifests) > 0
    error_message = "There is no function folder at ${local.folder}: nothing would be left running."
  }
}

output "jobs" {
  description = "Jobs by folder."
  value       = { for folder in keys(local.jobs) : folder => module.job[folder].name }
}

output "topics" {
  description = "Topics with the subscriptions through which their dead letters are kept."
  value       = { for topic in local.topics : topic => module.topic[topic].dead_letter_subscription }
}
