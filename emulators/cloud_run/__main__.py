"""``python -m emulators.cloud_run``: serve every function folder of the product."""

import argparse
import sys
from pathlib import Path

from emulators.cloud_run.functions import read_functions
from emulators.cloud_run.host import Host, HostOptions, describe
from emulators.core import environment
from emulators.managed.process import LaunchError


def main() -> int:
    """Serve until SIGTERM; 1 where a manifest or a port stops it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="folder of the product")
    root = parser.parse_args().root.absolute()
    env = environment.load()
    inherited = dict(env.inherited)
    options = HostOptions(
        root=root,
        state=env.state_dir,
        logs=env.state_dir / "logs",
        env=inherited,
        port=env.ports["cloud_run"],
        gateway_port=env.ports["gateway"],
        project=env.project,
        location=env.location,
    )
    try:
        host = Host(read_functions(root, inherited), options)
    except (LaunchError, OSError) as error:
        sys.stderr.write(f"the functions cannot be served: {error}\n")
        return 1
    sys.stdout.write(describe(host) + "\n")
    sys.stdout.flush()
    host.run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
