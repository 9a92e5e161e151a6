"""The environment, read here and nowhere else.

Own variables start with ``MEDIA_GATEWAY_``; Google's keep their names. A value that cannot be
right stops the process at start, with every error at once.
"""

import logging
import os
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.adapters import connect

EXIT_CONFIGURATION = 78
"""Exit status for a configuration error (``EX_CONFIG`` of sysexits.h)."""


def _listed(given: object) -> object:
    return (
        tuple(v.strip() for v in given.split(",") if v.strip()) if isinstance(given, str) else given
    )


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
PREFIX = "MEDIA_GATEWAY_"
LEVEL_OF_ONE = "[A-Za-z0-9_.]+=(DEBUG|INFO|WARNING|ERROR)"
logger = logging.getLogger(__name__)
Template = Annotated[str, StringConstraints(pattern=r"^https?://.*\{service\}")]


class Settings(BaseSettings):
    """What can be set; every field but Google's own is ``MEDIA_GATEWAY_<NAME>``.

    Attributes:
        environment: ``local``, ``dev``, ``staging`` or ``prod``; only the first speaks plain HTTP.
        log_level: Least severity that is logged.
        log_levels: Others by logger, ``shared.search=DEBUG,httpx2=ERROR``.
        log_key: Reference of the key, 32 bytes or more, by which logs tell users apart without
            naming them; empty leaves users out.
        log_format: ``json`` as Cloud Logging reads it, or ``pretty`` for eyes.
        otlp_endpoint: Base address of an OTLP/HTTP collector; empty sends nothing.
        trace_sample: Share of requests that are traced, where the caller did not decide.
        allowed_origins: Origins of web pages that may call the gateway, with commas between.
        issuer: ``iss`` of viewers' tokens; empty means that no token is acceptable.
        audience: ``aud`` of viewers' tokens.
        token_algorithm: What our own tokens are signed with, ``EdDSA`` or ``RS256``.
        jwks_url: Where the issuer's keys are; empty is ``{issuer}/.well-known/jwks.json``.
        rate_factor: What every rate limit is multiplied by, for load tests.
        api_docs: Whether the API's document and page are served, ``on`` or ``off``; empty is off in
            ``prod`` and on elsewhere.
        trusted_hops: Entries that our own proxies append to ``X-Forwarded-For``: 2 behind the load
            balancer, 0 where callers connect directly.
        gateway_instances: Instances a limit is divided by while Redis cannot count for all.
        cursor_keys: References of the keys that sign cursors, newest first, with commas between.
        database_url: SQLAlchemy URL of PostgreSQL; wins over `database_instance`.
        database_instance: Cloud SQL connection name.
        database_user: IAM database user of this service.
        redis_url: Memorystore, ``rediss://`` where it speaks TLS.
        redis_auth: Reference of its password in Secret Manager; empty where it asks for none.
        redis_ca: The certificate that signed its own, PEM; empty trusts the system's.
        raw_dir: Mounted folder of raw provider pages.
        artifacts_dir: Mounted folder of models and snapshots.
        audit_archive: Where closed days of the audit log are kept, ``gs://bucket`` or a folder.
        function_url: Address template of functions.
        provider_url: Base address of the Streaming Availability API.
        provider_key: Reference of its key in Secret Manager, never the key.
        provider_plans: What replaces limits of providers, JSON by provider as in
            ``shared/catalog/data/providers.json``; empty replaces none.
        tmdb_url: Base address of TMDB's API.
        tmdb_key: Reference of an access token to it.
        watchmode_url: Base address of Watchmode's API.
        watchmode_key: Reference of a key to it.
        youtube_url: Base address of YouTube's Data API.
        youtube_key: Reference of a key to it.
        youtube_channels: Ids of channels whose videos are brought in, with commas between.
        language_model: Whose model reads questions behind the searches, ``gemini`` or ``openai``;
            empty asks nobody.
        language_model_name: Its name there; empty is our choice.
        language_model_url: Base address of the service; empty is the provider's own.
        language_model_key: Reference of OpenAI's key; Gemini asks who we are instead.
        verified_mail_only: Whether a mail address has to be verified before its account gets
            tokens.
        passkey_host: Relying party id that passkeys are made for (WebAuthn); empty is the issuer's
            host. Another one makes every passkey of before useless.
        passkey_origins: Origins of pages and apps that may ask for a passkey, with commas between;
            empty is the issuer's.
        mail_url: Where mail is handed in, ``smtp://user@host:587`` (STARTTLS),
            ``smtps://user@host:465``, or a folder.
        mail_key: Reference of that user's password; empty where the server asks for none.
        mail_sender: Value of ``From``.
        mail_pages: Address of the pages that links in mails lead to; empty is our own,
            ``{issuer}/account``.
        vector_index: Id of the Vector Search index.
        vector_endpoint: Id of the index endpoint.
        vector_host: Host of the index endpoint's own address; empty where Vertex AI's serves it.
        deployed_index: Id under which the index is deployed.
        routes_file: Route table of the gateway.
        project: ``GOOGLE_CLOUD_PROJECT``.
        location: ``GOOGLE_CLOUD_LOCATION``.
        vertex_host: ``VERTEX_EMULATOR_HOST``, empty for Google's.
        secret_manager_host: ``SECRET_MANAGER_EMULATOR_HOST``, empty for Google's.
        workflows_host: ``WORKFLOWS_EMULATOR_HOST``, empty for Google's.
        service: ``K_SERVICE``, this function's name.
        revision: ``K_REVISION``.
        traceparent: ``TRACEPARENT``, where in a trace a job was started; a workflow says so.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore")

    environment: str = Field(default="local", pattern="^(local|dev|staging|prod)$")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_levels: str = Field(default="", pattern=f"^({LEVEL_OF_ONE}(,{LEVEL_OF_ONE})*)?$")
    log_key: str = ""
    log_format: str = Field(default="json", pattern="^(json|pretty)$")
    otlp_endpoint: str = Field(default="", pattern=r"^(https?://.*)?$")
    trace_sample: float = Field(default=0.1, ge=0, le=1)
    allowed_origins: Listed = ()
    issuer: str = Field(default="", pattern=r"^(https?://.*)?$")
    audience: str = "media-gateway"
    token_algorithm: str = Field(default="EdDSA", pattern="^(EdDSA|RS256)$")
    jwks_url: str = Field(default="", pattern=r"^(https?://.*)?$")
    rate_factor: float = Field(default=1.0, gt=0)
    api_docs: str = Field(default="", pattern="^(on|off)?$")
    trusted_hops: int = Field(default=0, ge=0, le=5)
    gateway_instances: int = Field(default=2, ge=1)
    cursor_keys: Listed = ()
    database_url: str = ""
    database_instance: str = ""
    database_user: str = ""
    redis_url: str = ""
    redis_auth: str = ""
    redis_ca: str = ""
    raw_dir: Path = Path(".mg/raw")
    artifacts_dir: Path = Path(".mg/artifacts")
    audit_archive: str = Field(default=".mg/audit", min_length=1)
    function_url: Template = "http://127.0.0.1:8081/{service}"
    provider_url: str = "https://streaming-availability.p.rapidapi.com"
    provider_key: str = ""
    provider_plans: str = Field(default="", pattern=r"^(\{.*\})?$")
    tmdb_url: str = "https://api.themoviedb.org/3"
    tmdb_key: str = ""
    watchmode_url: str = "https://api.watchmode.com/v1"
    watchmode_key: str = ""
    youtube_url: str = "https://www.googleapis.com/youtube/v3"
    youtube_key: str = ""
    youtube_channels: Listed = ()
    language_model: str = Field(default="", pattern="^(gemini|openai)?$")
    language_model_name: str = Field(default="", pattern=r"^[A-Za-z0-9._/@:-]*$")
    language_model_url: str = Field(default="", pattern=r"^(https?://.*)?$")
    language_model_key: str = ""
    verified_mail_only: bool = True
    passkey_host: str = Field(default="", pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)*)?$")
    passkey_origins: Listed = ()
    mail_url: str = Field(default=".mg/mail", min_length=1)
    mail_key: str = ""
    mail_sender: str = Field(
        default="Media Gateway <no-reply@mediagateway.invalid>", pattern=r"^[^\r\n]+@[^\r\n]+$"
    )
    mail_pages: str = Field(default="", pattern=r"^(https?://.*)?$")
    vector_index: str = "1"
    vector_endpoint: str = "1"
    vector_host: str = Field(default="", pattern=r"^[a-z0-9.-]*$")
    deployed_index: str = "titles"
    routes_file: Path = Path("routes.json")
    project: str = Field(default="", validation_alias=AliasChoices("GOOGLE_CLOUD_PROJECT"))
    location: str = Field(
        default="us-central1", validation_alias=AliasChoices("GOOGLE_CLOUD_LOCATION")
    )
    vertex_host: str = Field(default="", validation_alias=AliasChoices("VERTEX_EMULATOR_HOST"))
    secret_manager_host: str = Field(
        default="", validation_alias=AliasChoices("SECRET_MANAGER_EMULATOR_HOST")
    )
    workflows_host: str = Field(
        default="", validation_alias=AliasChoices("WORKFLOWS_EMULATOR_HOST")
    )
    service: str = Field(default="local", validation_alias=AliasChoices("K_SERVICE"))
    revision: str = Field(default="local", validation_alias=AliasChoices("K_REVISION"))
    traceparent: str = Field(default="", validation_alias=AliasChoices("TRACEPARENT"))

    def addresses(self) -> connect.Addresses:
        """Return where this process finds everything."""
        vertex = (
            f"http://{self.vertex_host}"
            if self.vertex_host
            else f"https://{self.location}-aiplatform.googleapis.com"
        )
        return connect.Addresses(
            project=self.project,
            location=self.location,
            database_url=self.database_url,
            database_instance=self.database_instance,
            database_user=self.database_user,
            redis_url=self.redis_url,
            redis_auth=self.redis_auth,
            redis_ca=self.redis_ca,
            raw_dir=self.raw_dir,
            artifacts_dir=self.artifacts_dir,
            function_url=self.function_url,
            vertex_url=vertex,
            provider_url=self.provider_url,
            provider_key=self.provider_key,
            provider_plans=self.provider_plans,
            tmdb_url=self.tmdb_url,
            tmdb_key=self.tmdb_key,
            watchmode_url=self.watchmode_url,
            watchmode_key=self.watchmode_key,
            youtube_url=self.youtube_url,
            youtube_key=self.youtube_key,
            youtube_channels=self.youtube_channels,
            secret_manager=self.secret_manager_host,
            executions_url=(
                f"http://{self.workflows_host}" if self.workflows_host else connect.EXECUTIONS
            ),
            language_model=self.language_model,
            language_model_name=self.language_model_name,
            language_model_url=self.language_model_url,
            language_model_key=self.language_model_key,
            mail_url=self.mail_url,
            mail_key=self.mail_key,
            mail_sender=self.mail_sender,
            mail_pages=self.mail_pages or self._own_pages,
            vector_index=self.vector_index,
            vector_endpoint=self.vector_endpoint,
            neighbors_url=f"https://{self.vector_host}" if self.vector_host else vertex,
            deployed_index=self.deployed_index,
            routes_file=self.routes_file,
        )

    @property
    def _own_pages(self) -> str:
        return f"{self.issuer.rstrip('/')}/account" if self.issuer else ""


@cache
def settings() -> Settings:
    """Return the settings of this process.

    Raises:
        SystemExit: With status 78 and every error, values left out.
    """
    try:
        found = Settings()
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        message = "configuration cannot be used:\n  " + "\n  ".join(lines)
        raise SystemExit(_refused(message)) from None
    for name in unknown():
        logger.warning("setting.unknown", extra={"setting": name})
    return found


def variable(field: str) -> str:
    """Return the environment variable of a setting."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else PREFIX + field.upper()


def unknown() -> list[str]:
    """Return variables that look like settings of ours and are none, sorted."""
    known = {variable(field) for field in Settings.model_fields}
    return sorted(n for n in os.environ if n.startswith(PREFIX) and n not in known)  # noqa: TID251 - here alone


def _refused(message: str) -> int:
    import sys  # noqa: PLC0415 - only on the way out

    sys.stderr.write(message + "\n")
    return EXIT_CONFIGURATION


def use_settings() -> None:
    """Let adapters find their services by these settings; nothing is read until one asks."""
    connect.configure(lambda: settings().addresses())
