"""Avatars as files of the artifacts' folder."""

from __future__ import annotations

import re

from shared.adapters.picture_folder import PictureFolder


class AvatarFolder(PictureFolder):
    """`shared.identity.avatar.Avatars`: ``avatars/{first two}/{name}.webp``."""

    folder, kind, suffix = "avatars", "avatar", ".webp"
    names = re.compile(r"[0-9a-f]{64}")
