# One network: functions come out of one subnetwork, Google's services are peered, the internet is reached through NAT.
resource "google_compute_network" "network" {
  name                    = local.name
  auto_create_subnetworks = false
  routing_mode            = "REGIONAL"

  depends_on = [google_project_service.api]
}

resource "google_compute_subnetwork" "functions" {
  name                     = "${local.name}-functions"
  network                  = google_compute_network.network.id
  region                   = var.region
  ip_cidr_range            = var.egress_range
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.5
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_global_address" "services" {
  name          = "${local.name}-services"
  network       = google_compute_network.network.id
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  address       = split("/", var.services_range)[0]
  prefix_length = tonumber(split("/", var.services_range)[1])
}

resource "google_service_networking_connection" "services" {
  network                 = google_compute_network.network.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.services.name]
}

resource "google_compute_router" "router" {
  name    = local.name
  network = google_compute_network.network.id
  region  = var.region
}

resource "google_compute_router_nat" "nat" {
  name                               = local.name
  router                             = google_compute_router.router.name
  region                             = var.region
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.functions.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }

  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}

resource "google_compute_firewall" "deny_ingress" {
  name          = "${local.name}-deny-ingress"
  description   = "Nothing in this network is called from outside."
  network       = google_compute_network.network.id
  direction     = "INGRESS"
  priority      = 65534
  source_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }

  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_firewall" "deny_egress" {
  name               = "${local.name}-deny-egress"
  description        = "What is not named below is not reached."
  network            = google_compute_network.network.id
  direction          = "EGRESS"
  priority           = 65534
  destination_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }

  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_firewall" "allow_services" {
  name               = "${local.name}-allow-services"
  description        = "The database through its connector (3307) and Redis with TLS (6378)."
  network            = google_compute_network.network.id
  direction          = "EGRESS"
  priority           = 1000
  destination_ranges = [var.services_range]

  allow {
    protocol = "tcp"
    ports    = ["3307", "6378"]
  }
}

resource "google_compute_firewall" "allow_https" {
  name               = "${local.name}-allow-https"
  description        = "Google's interfaces and the providers of catalogs."
  network            = google_compute_network.network.id
  direction          = "EGRESS"
  priority           = 1100
  destination_ranges = ["0.0.0.0/0"]

  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}
