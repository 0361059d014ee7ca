"""Loads plugins as vLLM does: by entry points of the group vllm.general_plugins, each once."""

import os
from importlib.metadata import entry_points


def load_general_plugins():
    allowed = os.environ.get("VLLM_PLUGINS")
    for point in entry_points(group="vllm.general_plugins"):
        if allowed is None or point.name in allowed.split(","):
            point.load()()
