# Cloud Armor stops at the first rule that matches, lowest number first: whom we know, whom we refuse, what is an
# attack, and last of all who asks too often. A rate rule that allows would hide every rule after it.
locals {
  # A rule takes ten ranges, so a longer list takes the numbers that follow.
  armor_operators = { for i, ranges in chunklist(var.operator_ranges, 10) : 100 + i => ranges }
  armor_blocked   = { for i, ranges in chunklist(var.blocked_ranges, 10) : 200 + i => ranges }
  # An expression takes five comparisons.
  armor_countries = { for i, codes in chunklist(var.blocked_countries, 5) : 300 + i => codes }

  armor_attacks = {
    1000 = "sqli-v33-stable"
    1010 = "xss-v33-stable"
    1020 = "lfi-v33-stable"
    1030 = "rce-v33-stable"
    1040 = "protocolattack-v33-stable"
    1050 = "sessionfixation-v33-stable"
    1060 = "scannerdetection-v33-stable"
    1070 = "cve-canary"
  }
}

resource "google_compute_security_policy" "edge" {
  name        = "${local.name}-edge"
  description = "What reaches the gateway"
  type        = "CLOUD_ARMOR"

  adaptive_protection_config {
    layer_7_ddos_defense_config {
      enable          = true
      rule_visibility = "STANDARD"
    }
  }

  advanced_options_config {
    json_parsing = "STANDARD"
    log_level    = "NORMAL"
  }

  dynamic "rule" {
    for_each = local.armor_operators

    content {
      priority    = tonumber(rule.key)
      action      = "allow"
      description = "Our operators"

      match {
        versioned_expr = "SRC_IPS_V1"

        config {
          src_ip_ranges = rule.value
        }
      }
    }
  }

  dynamic "rule" {
    for_each = local.armor_blocked

    content {
      priority    = tonumber(rule.key)
      action      = "deny(403)"
      description = "Ranges that are never served"

      match {
        versioned_expr = "SRC_IPS_V1"

        config {
          src_ip_ranges = rule.value
        }
      }
    }
  }

  dynamic "rule" {
    for_each = local.armor_countries

    content {
      priority    = tonumber(rule.key)
      action      = "deny(403)"
      description = "Countries that are not served"

      match {
        expr {
          expression = join(" || ", [for code in rule.value : "origin.region_code == '${code}'"])
        }
      }
    }
  }

  dynamic "rule" {
    for_each = local.armor_attacks

    content {
      priority    = tonumber(rule.key)
      action      = "deny(403)"
      description = "OWASP ${rule.value}"
      # Known holes are refused from the first day: no request of ours looks like one.
      preview = var.armor_preview && rule.value != "cve-canary"

      match {
        expr {
          # Level 1 is what is almost never wrong: questions in plain language must not look like SQL.
          expression = rule.value == "cve-canary" ? "evaluatePreconfiguredWaf('cve-canary')" : "evaluatePreconfiguredWaf('${rule.value}', {'sensitivity': 1})"
        }
      }
    }
  }

  rule {
    priority    = 9000
    action      = "rate_based_ban"
    description = "Who asks too often is refused for a while"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action   = "allow"
      exceed_action    = "deny(429)"
      enforce_on_key   = "IP"
      ban_duration_sec = var.armor_ban_seconds

      rate_limit_threshold {
        count        = var.armor_requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    priority    = 2147483647
    action      = "allow"
    description = "Everybody else"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [google_project_service.api]
}
