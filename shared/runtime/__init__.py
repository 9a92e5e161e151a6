"""The edge: settings, HTTP, events, jobs and logs."""

import gc
import os

# Loading makes hundreds of thousands of objects that live as long as the process. Looking through
# them for garbage after every 700 new ones, as Python does unless told otherwise, took a tenth of a
# function's start.
gc.set_threshold(50_000, 20, 50)

# Otherwise pydantic looks for plugins in the metadata of every installed distribution.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # noqa: TID251 - said, not read
