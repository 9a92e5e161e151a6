# The public door: one address, TLS 1.2 and newer, Cloud Armor, and behind it the gateway alone.
resource "google_compute_global_address" "edge" {
  name = "${local.name}-edge"

  depends_on = [google_project_service.api]
}

resource "google_compute_region_network_endpoint_group" "gateway" {
  name                  = "${local.name}-gateway"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = module.function["gateway"].name
  }
}

resource "google_compute_backend_service" "gateway" {
  name                   = "${local.name}-gateway"
  load_balancing_scheme  = "EXTERNAL_MANAGED"
  protocol               = "HTTPS"
  security_policy        = google_compute_security_policy.edge.id
  custom_request_headers = ["X-Edge-Place:{client_city_lat_long}"]

  backend {
    group = google_compute_region_network_endpoint_group.gateway.id
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_compute_url_map" "edge" {
  name            = "${local.name}-edge"
  default_service = google_compute_backend_service.gateway.id

  host_rule {
    hosts        = ["*"]
    path_matcher = "revision"
  }

  # The pipeline walks through the same door to the revision that it is about to release (pipeline.tf).
  path_matcher {
    name            = "revision"
    default_service = google_compute_backend_service.gateway.id

    route_rules {
      priority = 1
      service  = google_compute_backend_service.candidate.id

      match_rules {
        prefix_match = "/"

        header_matches {
          header_name = "x-media-gateway-revision"
          exact_match = "candidate"
        }
      }
    }
  }
}

resource "google_compute_url_map" "redirect" {
  name = "${local.name}-redirect"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }
}

resource "google_compute_ssl_policy" "edge" {
  name            = "${local.name}-edge"
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.api]
}

resource "google_compute_target_https_proxy" "edge" {
  name            = "${local.name}-edge"
  url_map         = google_compute_url_map.edge.id
  ssl_policy      = google_compute_ssl_policy.edge.id
  certificate_map = "//certificatemanager.googleapis.com/${google_certificate_manager_certificate_map.edge.id}"

  depends_on = [google_certificate_manager_certificate_map_entry.domain]
}

resource "google_compute_target_http_proxy" "redirect" {
  name    = "${local.name}-redirect"
  url_map = google_compute_url_map.redirect.id
}

resource "google_compute_global_forwarding_rule" "edge" {
  name                  = "${local.name}-edge"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  port_range            = "443"
  target                = google_compute_target_https_proxy.edge.id
  labels                = local.labels
}

resource "google_compute_global_forwarding_rule" "redirect" {
  name                  = "${local.name}-redirect"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  port_range            = "80"
  target                = google_compute_target_http_proxy.redirect.id
  labels                = local.labels
}
