# What a manifest may name under `env`, and what every deployable is told.
locals {
  common_environment = {
    FUNCTION_USE_ASGI         = "1"
    GOOGLE_CLOUD_LOCATION     = var.region
    GOOGLE_CLOUD_PROJECT      = var.project
    MEDIA_GATEWAY_ENVIRONMENT = var.environment
    MEDIA_GATEWAY_LOG_LEVEL   = var.log_level
    OPENBLAS_NUM_THREADS      = "1" # four times as fast on small products
  }

  environment = {
    MEDIA_GATEWAY_ARTIFACTS_DIR     = "/mnt/artifacts"
    MEDIA_GATEWAY_API_DOCS          = "" # served everywhere but in prod
    MEDIA_GATEWAY_DATABASE_INSTANCE = google_sql_database_instance.main.connection_name
    MEDIA_GATEWAY_ALLOWED_ORIGINS   = join(",", var.allowed_origins)
    MEDIA_GATEWAY_AUDIENCE          = "media-gateway"
    MEDIA_GATEWAY_AUDIT_ARCHIVE     = "gs://${google_storage_bucket.audit_archive.name}"
    MEDIA_GATEWAY_CURSOR_KEYS       = "projects/${var.project}/secrets/cursor-key/versions/latest"
    MEDIA_GATEWAY_DEPLOYED_INDEX    = "titles"
    MEDIA_GATEWAY_FUNCTION_URL      = local.function_url
    MEDIA_GATEWAY_GATEWAY_INSTANCES = tostring(try(local.scaling["gateway"].max, 1))
    MEDIA_GATEWAY_ISSUER            = "https://${var.domains[0]}"
    MEDIA_GATEWAY_JWKS_URL          = "" # the issuer's own
    MEDIA_GATEWAY_LOG_KEY           = "projects/${var.project}/secrets/log-key/versions/latest"
    MEDIA_GATEWAY_MAIL_KEY          = "projects/${var.project}/secrets/mail-key/versions/latest"
    MEDIA_GATEWAY_MAIL_PAGES        = var.mail_pages
    MEDIA_GATEWAY_MAIL_SENDER       = var.mail_sender
    MEDIA_GATEWAY_MAIL_URL          = var.mail_url
    MEDIA_GATEWAY_PASSKEY_HOST      = "" # the issuer's own
    MEDIA_GATEWAY_PASSKEY_ORIGINS   = "" # likewise
    MEDIA_GATEWAY_PROVIDER_KEY      = "projects/${var.project}/secrets/streaming-availability-key/versions/latest"
    MEDIA_GATEWAY_PROVIDER_PLANS    = var.provider_plans
    MEDIA_GATEWAY_PROVIDER_URL      = var.provider_url
    MEDIA_GATEWAY_RATE_FACTOR       = "1"
    MEDIA_GATEWAY_RAW_DIR           = "/mnt/raw"
    MEDIA_GATEWAY_REDIS_AUTH        = "projects/${var.project}/secrets/redis-auth/versions/latest"
    MEDIA_GATEWAY_REDIS_CA          = google_redis_instance.cache.server_ca_certs[0].cert
    MEDIA_GATEWAY_REDIS_URL         = "rediss://${google_redis_instance.cache.host}:${google_redis_instance.cache.port}/0"
    MEDIA_GATEWAY_ROUTES_FILE       = "/workspace/routes.json" # in the bundle, beside main.py
    MEDIA_GATEWAY_TMDB_KEY          = "projects/${var.project}/secrets/tmdb-key/versions/latest"
    MEDIA_GATEWAY_TMDB_URL          = "https://api.themoviedb.org/3"
    MEDIA_GATEWAY_TOKEN_ALGORITHM   = "EdDSA"
    MEDIA_GATEWAY_TRUSTED_HOPS      = "2" # what Google's load balancer appends: the caller and itself
    MEDIA_GATEWAY_VECTOR_ENDPOINT   = google_vertex_ai_index_endpoint.titles.name
    MEDIA_GATEWAY_VECTOR_HOST       = google_vertex_ai_index_endpoint.titles.public_endpoint_domain_name
    MEDIA_GATEWAY_VECTOR_INDEX      = google_vertex_ai_index.titles.name
    MEDIA_GATEWAY_WATCHMODE_KEY     = "projects/${var.project}/secrets/watchmode-key/versions/latest"
    MEDIA_GATEWAY_WATCHMODE_URL     = "https://api.watchmode.com/v1"
    MEDIA_GATEWAY_YOUTUBE_CHANNELS  = join(",", var.youtube_channels)
    MEDIA_GATEWAY_YOUTUBE_KEY       = "projects/${var.project}/secrets/youtube-key/versions/latest"
    MEDIA_GATEWAY_YOUTUBE_URL       = "https://www.googleapis.com/youtube/v3"

    MEDIA_GATEWAY_VERIFIED_MAIL_ONLY  = "true"
    MEDIA_GATEWAY_LANGUAGE_MODEL      = var.language_model
    MEDIA_GATEWAY_LANGUAGE_MODEL_KEY  = "projects/${var.project}/secrets/language-model-key/versions/latest"
    MEDIA_GATEWAY_LANGUAGE_MODEL_NAME = "" # our choice
    MEDIA_GATEWAY_LANGUAGE_MODEL_URL  = "" # the provider's own
  }

  # The database knows an account by its email without the last part.
  own_environment = {
    for folder, account in local.accounts : folder => {
      MEDIA_GATEWAY_DATABASE_USER = trimsuffix(account, ".gserviceaccount.com")
    }
  }

  environments = {
    for folder, manifest in local.manifests : folder => merge(local.common_environment, {
      for name, value in merge(local.environment, local.own_environment[folder]) :
      name => value if contains(try(manifest.env, []), name)
    })
  }
  known_variables = toset(concat(keys(local.environment), ["MEDIA_GATEWAY_DATABASE_USER"]))

  # Variables that name a place in a mounted bucket.
  mounted = {
    MEDIA_GATEWAY_ARTIFACTS_DIR = "artifacts"
    MEDIA_GATEWAY_RAW_DIR       = "raw"
  }
  buckets = {
    artifacts = { bucket = google_storage_bucket.artifacts.name, path = "/mnt/artifacts", read_only = true }
    raw       = { bucket = google_storage_bucket.raw.name, path = "/mnt/raw", read_only = false }
  }
  mounts = {
    for folder, manifest in local.manifests : folder => {
      for name, bucket in local.buckets : name => merge(bucket, {
        read_only = bucket.read_only && !(name == "artifacts" && contains(local.roles[folder], "roles/storage.legacyBucketWriter"))
      })
      if anytrue([for variable in try(manifest.env, []) : lookup(local.mounted, variable, "") == name])
    }
  }
}
