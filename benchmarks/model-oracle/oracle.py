"""Counts parameters, cache elements and FLOPs of a model with Transformers on the meta device.

The independent reference for the arithmetic in core.model: it builds the real modules from a
config.json, without weights, runs them on the meta device with eager attention and batched
experts (the pair that leaves no matrix product uncounted), and adds up what the dispatcher sees.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python oracle.py configs/*.json > recorded.jsonl        # all configs, a few minutes
    venv/bin/python oracle.py --variants variants.jsonl > recorded-variants.jsonl
    venv/bin/python oracle.py --prompt 512 --context 512 my-config.json

A variant is a line that names a config and what is set or unset in it, by dotted key; most have few
layers, so that each key's effect is seen in seconds.

One JSON object per line and run. FLOPs: two per multiply-add of matrix products and convolutions,
nothing else, as torch's flop counter defines them; per group, by the module that asks for them.
"""

import argparse
import collections
import json
import os
import sys

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry
import transformers
from transformers import AutoConfig
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

transformers.logging.set_verbosity_error()

ATTENTION_LIKE = {"attn", "cross_attn", "linear_attn", "ssm"}


def group_of(name, owner):
    """The group of a parameter or module, from its dotted name and the class that owns it."""
    parts = name.split(".")
    if any(p in ("visual", "vision_tower", "vision_model", "multi_modal_projector") for p in parts):
        return "vision"
    last = parts[-1]
    if "Norm" in owner or "LayerNorm" in owner:
        return "norm"
    if "lm_head" in parts or "proj_out" in parts:
        return "lm_head"
    if any(p in ("embed_tokens", "embeddings", "embed_positions") for p in parts):
        return "embed"
    if "rotary_emb" in parts:
        return "rope"
    if any(p in ("conv1", "conv2") for p in parts):
        return "conv"
    if "encoder_attn" in parts:
        return "cross_attn"
    if "self_attn" in parts:
        return "attn"
    if "linear_attn" in parts:
        return "linear_attn"
    if "mixer" in parts:
        return "ssm"
    if "shared_expert_gate" in parts:
        return "shared_expert_gate"
    if "shared_expert" in parts or "shared_experts" in parts:
        return "shared_experts"
    if "experts" in parts:
        return "routed_experts"
    if "router" in parts or ("gate" in parts and "mlp" in parts):
        return "router"
    if any(p in ("mlp", "fc1", "fc2") for p in parts):
        return "mlp"
    return "other"


class Counter(TorchDispatchMode):
    """Adds up FLOPs per group while a model runs under it."""

    def __init__(self, model):
        super().__init__()
        self.stack = []
        self.flops = collections.Counter()
        self.hooks = []
        for name, module in model.named_modules():
            self.hooks.append(module.register_forward_pre_hook(self._enter(name, type(module).__name__)))
            self.hooks.append(module.register_forward_hook(self._leave, always_call=True))

    def _enter(self, name, owner):
        def hook(module, args):
            self.stack.append((name, owner))
        return hook

    def _leave(self, module, args, output):
        self.stack.pop()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        counted = flop_registry.get(func._overloadpacket)
        if counted is not None:
            self.flops[self._group(func)] += counted(*args, **kwargs, out_val=out)
        return out

    def _group(self, func):
        if not self.stack:
            return "other"
        name, owner = self.stack[-1]
        group = group_of(name, owner)
        if group in ATTENTION_LIKE:
            # A projection is a Linear module; what the attention module itself multiplies is its core.
            return group + ("_proj" if owner == "Linear" else "_core")
        return group

    def done(self):
        for hook in self.hooks:
            hook.remove()
        by_group = {k: int(v) for k, v in sorted(self.flops.items()) if v}
        return {"total": sum(by_group.values()), "by_group": by_group}


def count(model, run):
    counter = Counter(model)
    with torch.no_grad(), counter:
        out = run()
    return counter.done(), out


def parameters(model, config):
    by_group = collections.Counter()
    seen = set()
    for name, p in model.named_parameters(remove_duplicate=False):
        if id(p) in seen:
            continue
        seen.add(id(p))
        owner = type(model.get_submodule(name.rsplit(".", 1)[0])).__name__
        by_group[group_of(name, owner)] += p.numel()
    total = sum(by_group.values())
    text = config.get_text_config()
    experts = next((getattr(text, k) for k in ("num_experts", "num_local_experts", "n_routed_experts")
                    if getattr(text, k, None)), None)
    routed = by_group.get("routed_experts", 0)
    active = total - routed
    if routed:
        assert routed * text.num_experts_per_tok % experts == 0
        active += routed * text.num_experts_per_tok // experts
    return {"params_total": total, "params_active": active, "params_by_group": dict(sorted(by_group.items()))}


def cache_elements(cache):
    if isinstance(cache, EncoderDecoderCache):
        return cache_elements(cache.self_attention_cache) + cache_elements(cache.cross_attention_cache)
    total = 0
    for layer in cache.layers:
        for attribute in ("keys", "values"):
            tensor = getattr(layer, attribute, None)
            if tensor is not None:
                total += tensor.numel()
        for attribute in ("conv_states", "recurrent_states"):
            for tensor in (getattr(layer, attribute, None) or {}).values():
                if tensor is not None:
                    total += tensor.numel()
    return total


def changed(raw, variant):
    """The configuration with a variant's dotted keys set and unset."""
    for key, value in list(variant["set"].items()) + [(k, None) for k in variant["unset"]]:
        *path, last = key.split(".")
        target = raw
        for part in path:
            target = target[part]
        if key in variant["unset"]:
            target.pop(last, None)
        else:
            target[last] = value
    return raw


def load(path, variant=None):
    with open(path) as f:
        raw = json.load(f)
    if variant:
        raw = changed(raw, variant)
    raw.pop("auto_map", None)
    raw.pop("quantization_config", None)
    model_type = raw.pop("model_type")
    if model_type == "kimi_k2":
        model_type = "deepseek_v3"
    config = AutoConfig.for_model(model_type, **raw)
    architecture = raw["architectures"][0]
    return config, getattr(transformers, architecture)


def build(path, variant=None):
    config, cls = load(path, variant)
    with torch.device("meta"):
        model = cls._from_config(config, attn_implementation="eager", dtype=torch.bfloat16,
                                 experts_implementation="batched_mm")
    model.eval()
    return config, model


def decoder(model, config, prompt, context, batch):
    def ids(n):
        return torch.zeros((batch, n), dtype=torch.long, device="meta")

    text = config.get_text_config()
    mamba = config.model_type == "mamba2"
    cache_name = "cache_params" if mamba else "past_key_values"

    def step(n, cache, past, **more):
        more[cache_name] = cache
        if not mamba:
            more["position_ids"] = torch.arange(past, past + n, device="meta").unsqueeze(0)
        return model(input_ids=ids(n), use_cache=True, **more)

    result = {}
    cache = DynamicCache(config=text)
    result["prefill_all_logits"], _ = count(model, lambda: step(prompt, cache, 0))
    elements = cache_elements(cache)
    cache = DynamicCache(config=text)
    result["prefill_last_logit"], _ = count(model, lambda: step(prompt, cache, 0, logits_to_keep=1))
    cache = DynamicCache(config=text)
    with torch.no_grad():
        step(context, cache, 0, logits_to_keep=1)
    result["decode"], _ = count(model, lambda: step(1, cache, context))
    return result, elements


def whisper(model, config, prompt, context, batch):
    def features(n):
        return torch.zeros((n, config.num_mel_bins, 2 * config.max_source_positions), dtype=torch.bfloat16,
                           device="meta")

    result = {}
    result["encoder"], _ = count(model, lambda: model.model.encoder(features(1)))
    with torch.no_grad():
        encoded = model.model.encoder(features(batch))

    def ids(n):
        return torch.zeros((batch, n), dtype=torch.long, device="meta")

    def fresh():
        return EncoderDecoderCache(DynamicCache(), DynamicCache())

    def step(n, cache, past):
        return model(decoder_input_ids=ids(n), encoder_outputs=encoded, past_key_values=cache, use_cache=True,
                     decoder_position_ids=torch.arange(past, past + n, device="meta").unsqueeze(0))

    cache = fresh()
    result["prefill_all_logits"], _ = count(model, lambda: step(prompt, cache, 0))
    elements = cache_elements(cache)
    head = 2 * batch * config.vocab_size * config.d_model
    last = json.loads(json.dumps(result["prefill_all_logits"]))
    last["by_group"]["lm_head"] = head
    last["total"] -= head * (prompt - 1)
    result["prefill_last_logit"] = last
    cache = fresh()
    with torch.no_grad():
        step(context, cache, 0)
    result["decode"], _ = count(model, lambda: step(1, cache, context))
    return result, elements


def vision(model, config, image):
    width, height = image
    if config.model_type == "gemma3":
        v = config.vision_config
        pixels = torch.zeros((1, v.num_channels, v.image_size, v.image_size), dtype=torch.bfloat16, device="meta")

        def run():
            return model.model.get_image_features(pixels)
    else:
        v = config.vision_config
        h, w = height // v.patch_size, width // v.patch_size
        n = h * w
        grid = torch.tensor([[1, h, w]])
        pixels = torch.zeros((n, v.in_channels * v.temporal_patch_size * v.patch_size**2), dtype=torch.bfloat16,
                             device="meta")
        given = {"cu_seqlens": torch.tensor([0, n], dtype=torch.int32), "max_seqlen": n}
        import transformers.vision_utils as vu  # noqa: F401
        from transformers.vision_utils import (get_vision_interpolation_indices_and_weights,
                                               get_vision_position_ids)
        tower = model.model.visual

        def run():
            return tower(pixels, grid_thw=grid, **given)
        module = sys.modules[type(tower).__module__]

        def to_meta(f):
            def g(*args, **kwargs):
                out = f(*args, **kwargs)
                return tuple(t.to("meta") for t in out) if isinstance(out, tuple) else out.to("meta")
            return g
        module.get_vision_interpolation_indices_and_weights = to_meta(get_vision_interpolation_indices_and_weights)
        module.get_vision_position_ids = to_meta(get_vision_position_ids)
    flops, _ = count(model, run)
    total = flops["total"]
    return {"total": total, "by_group": {"vision": total}}


def measure(path, prompt, context, batch, image, variant=None):
    config, model = build(path, variant)
    record = {"config": os.path.splitext(os.path.basename(path))[0], "prompt": prompt, "context": context,
              "batch": batch}
    if variant:
        record["variant"] = variant["name"]
    record.update(parameters(model, config))
    runner = whisper if config.model_type == "whisper" else decoder
    flops, elements = runner(model, config, prompt, context, batch)
    if getattr(config, "vision_config", None) is not None:
        flops["vision"] = vision(model, config, image)
        record["image"] = "%dx%d" % image
    record["elements_after_prefill"] = elements
    record["flops"] = {"hf": flops}
    return record


def measure_variants(path):
    with open(path) as f:
        variants = [json.loads(line) for line in f]
    for variant in variants:
        base = os.path.join(os.path.dirname(path), "configs", variant["base"] + ".json")
        image = tuple(int(x) for x in variant.get("image", "448x672").split("x"))
        try:
            record = measure(base, variant["prompt"], variant["context"], variant["batch"], image, variant)
        except Exception as e:  # the reference itself refuses some combinations
            print(variant["name"], type(e).__name__, str(e).splitlines()[:1], file=sys.stderr)
            continue
        print(json.dumps(record), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="*")
    parser.add_argument("--variants", help="a file of variants to measure instead")
    parser.add_argument("--prompt", type=int)
    parser.add_argument("--context", type=int)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--image", default="448x672", help="WxH in pixels")
    args = parser.parse_args()
    if args.variants:
        measure_variants(args.variants)
        return
    image = tuple(int(x) for x in args.image.split("x"))
    for path in args.configs:
        with open(path) as f:
            whisper_like = json.load(f).get("model_type") == "whisper"
        pairs = [(4, 100), (100, 447)] if whisper_like else [(128, 128), (4096, 4096), (1500, 700)]
        if args.prompt:
            pairs = [(args.prompt, args.context or args.prompt)]
        for prompt, context in pairs:
            print(json.dumps(measure(path, prompt, context, args.batch, image)), flush=True)


if __name__ == "__main__":
    main()
