"""Where everything of one local cloud is, and what its processes are told."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emulators.core.environment import DEFAULT_PORTS, Environment
from emulators.managed.process import free_port

HOST = "127.0.0.1"
DATABASE = "media_gateway"
PROVIDER_KEY = "local-key"  # opens the fake provider and nothing else
# The fake asks for less patience than the real one: a first start brings the whole sample in.
PROVIDER_PLANS = (
    '{"streaming_availability": {"pace": {"calls": 6000, "seconds": 60, "burst": 1000}}}'
)
YOUTUBE_CHANNELS = "UCsampleFilmsAndSeries01"


@dataclass(frozen=True)
class Layout:
    """Folders and addresses of one local cloud.

    Attributes:
        root: Folder of the product.
        env: State folder, project and ports, none of them 0.
    """

    root: Path
    env: Environment

    @property
    def state(self) -> Path:
        """The folder that holds everything that is kept."""
        return self.env.state_dir

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.state / "logs"

    @property
    def routes(self) -> Path:
        """The gateway's route table."""
        return self.state / "routes.json"

    @property
    def record(self) -> Path:
        """The file that says whether this cloud runs, and where."""
        return self.state / "hub.json"

    @property
    def seeded(self) -> Path:
        """The file that says the sample was loaded."""
        return self.state / "seeded.json"

    def address(self, service: str) -> str:
        """Return ``127.0.0.1:port`` of a service."""
        return f"{HOST}:{self.env.ports[service]}"

    def url(self, service: str) -> str:
        """Return the base address of a service over HTTP."""
        return f"http://{self.address(service)}"

    def function_url(self, service: str) -> str:
        """Return the address of a function, which is also the audience of its tokens."""
        return f"{self.url('cloud_run')}/{service}"

    def secret(self, name: str) -> str:
        """Return the reference by which a process reads a secret."""
        return f"projects/{self.env.project}/secrets/{name}/versions/latest"

    def addresses(self) -> dict[str, str]:
        """Return every address by service."""
        return {name: self.address(name) for name in self.env.ports}

    def product_variables(self) -> dict[str, str]:
        """Return what the product's processes are told."""
        database = f"postgresql+pg8000://postgres@{self.address('postgres')}/{DATABASE}"
        return {
            "GOOGLE_CLOUD_PROJECT": self.env.project,
            "GOOGLE_CLOUD_LOCATION": self.env.location,
            "GCE_METADATA_HOST": self.address("console"),
            "GCE_METADATA_IP": self.address("console"),
            "PUBSUB_EMULATOR_HOST": self.address("pubsub"),
            "FIRESTORE_EMULATOR_HOST": self.address("firestore"),
            "SECRET_MANAGER_EMULATOR_HOST": self.address("secret_manager"),
            "VERTEX_EMULATOR_HOST": self.address("vertex"),
            "WORKFLOWS_EMULATOR_HOST": self.address("workflows"),
            "SCHEDULER_EMULATOR_HOST": self.address("scheduler"),
            "MEDIA_GATEWAY_ENVIRONMENT": "local",
            "MEDIA_GATEWAY_DATABASE_URL": database,
            "MEDIA_GATEWAY_REDIS_URL": f"redis://{self.address('redis')}/0",
            "MEDIA_GATEWAY_FUNCTION_URL": self.url("cloud_run") + "/{service}",
            "MEDIA_GATEWAY_PROVIDER_URL": self.url("providers"),
            "MEDIA_GATEWAY_PROVIDER_KEY": self.secret("streaming-availability-key"),
            "MEDIA_GATEWAY_PROVIDER_PLANS": PROVIDER_PLANS,
            "MEDIA_GATEWAY_TMDB_URL": self.url("providers") + "/3",
            "MEDIA_GATEWAY_TMDB_KEY": self.secret("tmdb-key"),
            "MEDIA_GATEWAY_WATCHMODE_URL": self.url("providers") + "/v1",
            "MEDIA_GATEWAY_WATCHMODE_KEY": self.secret("watchmode-key"),
            "MEDIA_GATEWAY_YOUTUBE_URL": self.url("providers") + "/youtube/v3",
            "MEDIA_GATEWAY_YOUTUBE_KEY": self.secret("youtube-key"),
            "MEDIA_GATEWAY_YOUTUBE_CHANNELS": YOUTUBE_CHANNELS,
            "MEDIA_GATEWAY_LANGUAGE_MODEL_URL": self.url("language_model"),
            "MEDIA_GATEWAY_CURSOR_KEYS": self.secret("cursor-key"),
            "MEDIA_GATEWAY_LOG_KEY": self.secret("log-key"),
            "MEDIA_GATEWAY_RAW_DIR": str(self.state / "raw"),
            "MEDIA_GATEWAY_ARTIFACTS_DIR": str(self.state / "artifacts"),
            "MEDIA_GATEWAY_AUDIT_ARCHIVE": str(self.state / "audit"),
            "MEDIA_GATEWAY_MAIL_URL": str(self.state / "mail"),
            "MEDIA_GATEWAY_ROUTES_FILE": str(self.routes),
            "OPENBLAS_NUM_THREADS": "1",  # 4 times as fast on small products, two cores or not
            "PYTHONUNBUFFERED": "1",
        }

    def own_variables(self) -> dict[str, str]:
        """Return what the emulators' own processes are told."""
        ports = {f"MG_PORT_{name.upper()}": str(port) for name, port in self.env.ports.items()}
        return {
            "MG_STATE_DIR": str(self.state),
            "MG_PROJECT": self.env.project,
            "MG_LOCATION": self.env.location,
            **ports,
        }

    def process_environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the whole environment of a child process."""
        variables = {**self.product_variables(), **self.own_variables(), **(more or {})}
        usual = {
            "MEDIA_GATEWAY_ISSUER": self.url("gateway"),
            # A browser makes passkeys for names and not for addresses (WebAuthn level 3 §5.1.3).
            "MEDIA_GATEWAY_PASSKEY_HOST": "localhost",
            "MEDIA_GATEWAY_PASSKEY_ORIGINS": f"http://localhost:{self.env.ports['gateway']}",
        }
        return {**usual, **self.env.inherited, **variables}


def layout_of(root: Path, env: Environment, gateway_port: int | None = None) -> Layout:
    """Return the layout of one run; every port 0 becomes a free one.

    Args:
        root: Folder of the product.
        env: As loaded.
        gateway_port: Where the gateway listens instead; 0 moves every service to a free port.
    """
    ports = dict(env.ports)
    if gateway_port == 0:
        ports = dict.fromkeys(DEFAULT_PORTS, 0)
    elif gateway_port is not None:
        ports["gateway"] = gateway_port
    chosen = {name: port or free_port() for name, port in ports.items()}
    return Layout(root, dataclasses.replace(env, ports=chosen))
