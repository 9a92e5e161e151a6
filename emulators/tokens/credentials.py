"""Files of default credentials, as Google gives them out, that open the local cloud alone."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from joserfc.jwk import RSAKey

from emulators.core.identity import service_account
from emulators.core.private import write_private

if TYPE_CHECKING:
    from pathlib import Path

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
_AUTH_URI = "https://accounts.google.com/o/oauth2/auth"
_CERTS_URI = "https://www.googleapis.com/oauth2/v1/certs"
_USER = "developer@example.com"


class Credentials:
    """The key of the local service account, and the login of one user.

    Each file is made when first asked for, mode 0600, and kept: what was made before goes on to be
    accepted.

    Args:
        folder: Where the files lie.
        project: Whose service account it is.
    """

    def __init__(self, folder: Path, project: str) -> None:
        self._project = project
        self._paths = {kind: folder / f"{kind}.json" for kind in ("service_account", "user")}

    @property
    def email(self) -> str:
        """The service account."""
        return service_account(self._project)

    @property
    def user(self) -> str:
        """The e-mail address of the user."""
        return _USER

    def service_account_file(self) -> Path:
        """Return the file of the service account's key, for GOOGLE_APPLICATION_CREDENTIALS."""
        return self._file("service_account", self._new_key)

    def user_file(self) -> Path:
        """Return the file of the user's login, as ``gcloud auth application-default`` leaves it."""
        return self._file("user", self._new_login)

    def key(self) -> RSAKey | None:
        """Return the service account's key, None where none was made."""
        found = self._read("service_account")
        return RSAKey.import_key(found["private_key"]) if found else None

    def key_id(self) -> str:
        """Return the id of the service account's key, empty where none was made."""
        return str((self._read("service_account") or {}).get("private_key_id", ""))

    def is_login(self, given: dict[str, str]) -> bool:
        """Tell whether client and refresh token are those of the user's file."""
        found = self._read("user")
        parts = ("client_id", "client_secret", "refresh_token")
        return found is not None and all(
            secrets.compare_digest(str(found[part]).encode(), given.get(part, "").encode())
            for part in parts
        )

    def _read(self, kind: str) -> dict[str, Any] | None:
        try:
            return dict(json.loads(self._paths[kind].read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def _file(self, kind: str, make: object) -> Path:
        path = self._paths[kind]
        if not path.exists() and callable(make):
            write_private(path, json.dumps(make(), indent=1) + "\n")
        return path

    def _new_key(self) -> dict[str, str]:
        key = RSAKey.generate_key(2048)
        return {
            "type": "service_account",
            "project_id": self._project,
            "private_key_id": key.thumbprint(),
            "private_key": key.as_pem(private=True).decode(),
            "client_email": self.email,
            "client_id": "100000000000000000001",
            "auth_uri": _AUTH_URI,
            "token_uri": TOKEN_URI,
            "auth_provider_x509_cert_url": _CERTS_URI,
            "universe_domain": "googleapis.com",
        }

    def _new_login(self) -> dict[str, str]:
        return {
            "type": "authorized_user",
            "client_id": "local.apps.googleusercontent.com",
            "client_secret": secrets.token_urlsafe(24),
            "refresh_token": secrets.token_urlsafe(48),
            "quota_project_id": self._project,
            "universe_domain": "googleapis.com",
        }
