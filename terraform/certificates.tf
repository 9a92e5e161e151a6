# One managed certificate per host name, proved by a record in its zone, so it is there before traffic is.
locals {
  domains = { for domain in var.domains : replace(domain, ".", "-") => domain }
}

resource "google_certificate_manager_dns_authorization" "domain" {
  for_each = local.domains

  name   = "${local.name}-${each.key}"
  domain = each.value
  labels = local.labels

  depends_on = [google_project_service.api]
}

resource "google_certificate_manager_certificate" "domain" {
  for_each = local.domains

  name   = "${local.name}-${each.key}"
  labels = local.labels

  managed {
    domains            = [each.value]
    dns_authorizations = [google_certificate_manager_dns_authorization.domain[each.key].id]
  }
}

resource "google_certificate_manager_certificate_map" "edge" {
  name   = local.name
  labels = local.labels

  depends_on = [google_project_service.api]
}

resource "google_certificate_manager_certificate_map_entry" "domain" {
  for_each = local.domains

  name         = "${local.name}-${each.key}"
  map          = google_certificate_manager_certificate_map.edge.name
  hostname     = each.value
  certificates = [google_certificate_manager_certificate.domain[each.key].id]
  labels       = local.labels
}
