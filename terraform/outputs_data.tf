# What people and the pipeline need to know of data stores and the door. Alphabetical.

output "cache_address" {
  description = "Host and port of Redis, for rediss:// with its AUTH string."
  value       = "${google_redis_instance.cache.host}:${google_redis_instance.cache.port}"
}

output "database_instance" {
  description = "Connection name of the database."
  value       = google_sql_database_instance.main.connection_name
  depends_on  = [google_sql_user.deployable]
}

output "dns_records" {
  description = "Records that make the host names ours, and lead to the door: name => type and data."
  value = merge(
    { for key, proof in google_certificate_manager_dns_authorization.domain : "${key}-proof" => proof.dns_resource_record[0] },
    { for key, domain in local.domains : key => { name = "${domain}.", type = "A", data = google_compute_global_address.edge.address } },
  )
}

output "edge_address" {
  description = "The public address."
  value       = google_compute_global_address.edge.address
}

output "vector_endpoint_host" {
  description = "Name under which the public index endpoint answers findNeighbors; empty for a private one."
  value       = google_vertex_ai_index_endpoint.titles.public_endpoint_domain_name
}
