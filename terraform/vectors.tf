# Vectors of titles, upserted one by one. Filters are restricts on each datapoint, so the index itself names none.
resource "google_vertex_ai_index" "titles" {
  display_name        = "${local.name}-titles"
  description         = "Titles by meaning, ${var.embedding_dimensions} dimensions"
  region              = var.region
  index_update_method = "STREAM_UPDATE"
  labels              = local.labels

  metadata {
    config {
      dimensions                  = var.embedding_dimensions
      approximate_neighbors_count = 150
      distance_measure_type       = "DOT_PRODUCT_DISTANCE"
      feature_norm_type           = "UNIT_L2_NORM"
      shard_size                  = "SHARD_SIZE_SMALL"

      algorithm_config {
        tree_ah_config {
          leaf_node_embedding_count    = 1000
          leaf_nodes_to_search_percent = 7
        }
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_vertex_ai_index_endpoint" "titles" {
  display_name            = "${local.name}-titles"
  description             = "Where search asks for the titles nearest to a question"
  region                  = var.region
  public_endpoint_enabled = var.vector_endpoint_public
  labels                  = local.labels

  dynamic "private_service_connect_config" {
    for_each = var.vector_endpoint_public ? [] : [1]

    content {
      enable_private_service_connect = true
      project_allowlist              = [var.project]
    }
  }

  depends_on = [google_project_service.api]
}

# Takes up to an hour to come up, and costs by the hour from then on.
resource "google_vertex_ai_index_endpoint_deployed_index" "titles" {
  count = var.deploy_vector_index ? 1 : 0

  deployed_index_id     = "titles"
  display_name          = "${local.name}-titles"
  index                 = google_vertex_ai_index.titles.id
  index_endpoint        = google_vertex_ai_index_endpoint.titles.id
  region                = var.region
  enable_access_logging = false

  dedicated_resources {
    min_replica_count = var.vector_replicas.min
    max_replica_count = var.vector_replicas.max

    machine_spec {
      machine_type = var.vector_machine
    }
  }
}
