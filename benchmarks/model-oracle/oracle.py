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
import inspect
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

ATTENTION_LIKE = {"attn", "cross_attn", "linear_attn", "ssm", "conv"}

TOWERS = ("visual", "vision_tower", "vision_model", "multi_modal_projector", "vision_encoder", "vision_projection",
          "embed_vision", "mm_projector", "vision_embed_tokens", "patch_merger")
TABLES = ("embed_tokens", "embeddings", "embed_positions", "embed_tokens_per_layer", "word_embeddings", "embed_in",
          "position_embeddings", "token_type_embeddings", "tok_embeddings", "shared", "wte", "wpe")
MIXERS = (("Mamba", "ssm"), ("DeltaNet", "linear_attn"), ("DeltaAttention", "linear_attn"),
          ("LightningAttention", "linear_attn"), ("ShortConv", "conv"), ("NemotronHAttention", "attn"),
          ("NemotronHMLP", "mlp"), ("CrossAttention", "cross_attn"))


def group_of(name, owners):
    """The group of a parameter or module, from its dotted name and the classes of it and what it is in."""
    parts = name.split(".")
    if any(p in TOWERS for p in parts):
        return "vision"
    owner = owners[-1]
    if "Norm" in owner:
        return "norm"
    if "lm_head" in parts or "proj_out" in parts:
        return "lm_head"
    if any(p in TABLES for p in parts):
        return "embed"
    if any("rotary_emb" in p for p in parts):
        return "rope"
    if any(p in ("conv1", "conv2") for p in parts):
        return "conv"
    if "encoder_attn" in parts or "EncDecAttention" in parts:
        return "cross_attn"
    if "shared_expert_gate" in parts:
        return "shared_expert_gate"
    if any(p in ("shared_expert", "shared_experts") for p in parts):
        return "shared_experts"
    if "experts" in parts:
        return "routed_experts"
    if any("Router" in o or "MoeStatics" in o for o in owners) or "expert_bias" in parts:
        return "router"
    mixture = any("Moe" in o or "MoE" in o for o in owners[-3:])
    if "shared_mlp" in parts:
        return "shared_mlp"
    if "router" in parts or ("gate" in parts and ("mlp" in parts or mixture)):
        return "router"
    if any("latent_proj" in p for p in parts):
        return "other"
    for part, group in MIXERS:
        if any(part in o and "Decoder" not in o for o in owners[1:]):
            return group
    if any(p in ("self_attn", "SelfAttention", "self_attention", "attention", "attn") for p in parts):
        return "attn"
    if "linear_attn" in parts:
        return "linear_attn"
    if "mixer" in parts or "mamba" in parts:
        return "ssm"
    if any(p in ("mlp", "fc1", "fc2", "feed_forward", "ffn", "DenseReluDense", "intermediate") for p in parts):
        return "mlp"
    if "output" in parts and "layer" in parts:
        return "mlp"
    return "other"


def named_shared(by_group, experts):
    """What Granite and HunYuan call shared_mlp is a shared expert where there are others, else the feed-forward."""
    if "shared_mlp" in by_group:
        by_group["shared_experts" if experts else "mlp"] += by_group.pop("shared_mlp")


def owners_of(model, module_name):
    """Classes of a module and of those that it is in, outermost first."""
    names = module_name.split(".") if module_name else []
    return [type(model.get_submodule(".".join(names[:i]))).__name__ for i in range(len(names) + 1)]


class Counter(TorchDispatchMode):
    """Adds up FLOPs per group while a model runs under it."""

    def __init__(self, model):
        super().__init__()
        self.stack = []
        self.flops = collections.Counter()
        self.hooks = []
        for name, module in model.named_modules():
            self.hooks.append(module.register_forward_pre_hook(self._enter(name, owners_of(model, name))))
            self.hooks.append(module.register_forward_hook(self._leave, always_call=True))

    def _enter(self, name, owners):
        def hook(module, args):
            self.stack.append((name, owners))
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
        name, owners = self.stack[-1]
        group = group_of(name, owners)
        if group in ATTENTION_LIKE and (group != "conv" or any("ShortConv" in o for o in owners)):
            # A projection is a Linear module; what the attention module itself multiplies is its core.
            return group + ("_proj" if "Linear" in owners[-1] and "KimiLinear" not in owners[-1] else "_core")
        return group

    def done(self):
        for hook in self.hooks:
            hook.remove()
        named_shared(self.flops, "routed_experts" in self.flops)
        by_group = {k: int(v) for k, v in sorted(self.flops.items()) if v}
        return {"total": sum(by_group.values()), "by_group": by_group}


def count(model, run):
    counter = Counter(model)
    with torch.no_grad(), counter:
        out = run()
    return counter.done(), out


EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
CHOSEN = ("num_experts_per_tok", "num_experts_per_token", "moe_k", "moe_topk", "top_k_experts")


def parameters(model, config):
    by_group = collections.Counter()
    seen = set()
    for name, p in model.named_parameters(remove_duplicate=False):
        if id(p) in seen:
            continue
        seen.add(id(p))
        by_group[group_of(name, owners_of(model, name.rsplit(".", 1)[0]))] += p.numel()
    named_shared(by_group, "routed_experts" in by_group)
    total = sum(by_group.values())
    text = config.get_text_config()
    experts, chosen = (next((getattr(text, k) for k in names if getattr(text, k, None)), None)
                       for names in (EXPERTS, CHOSEN))
    routed = by_group.get("routed_experts", 0)
    active = total - routed
    if routed:
        assert routed * chosen % experts == 0
        active += routed * chosen // experts
    return {"params_total": total, "params_active": active, "params_by_group": dict(sorted(by_group.items()))}


def cache_elements(cache, shared_values=False):
    """Elements of every tensor that a cache keeps, each once.

    shared_values: whether keys are also the values, which the reference keeps twice in plain sliding layers.
    """
    if isinstance(cache, EncoderDecoderCache):
        return cache_elements(cache.self_attention_cache) + cache_elements(cache.cross_attention_cache)
    kept = {}
    for layer in cache.layers:
        for attribute in ("keys", "indexer_keys") if shared_values else ("keys", "values", "indexer_keys"):
            tensor = getattr(layer, attribute, None)
            if tensor is not None:
                kept[id(tensor)] = tensor.numel()
        for attribute in ("conv_states", "recurrent_states", "buffer_kv", "buffer_gate", "compressed_kv",
                          "overlap_kv", "overlap_gate"):
            for tensor in (getattr(layer, attribute, None) or {}).values():
                if tensor is not None:
                    kept[id(tensor)] = tensor.numel()
    return sum(kept.values())


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
    return configured(raw)


def configured(raw):
    raw = dict(raw)
    raw.pop("auto_map", None)
    raw.pop("quantization_config", None)
    model_type = raw.pop("model_type")
    if model_type == "kimi_k2":
        model_type = "deepseek_v3"
    config = AutoConfig.for_model(model_type, **raw)
    architecture = raw["architectures"][0]
    return config, getattr(transformers, architecture)


def build(path, variant=None):
    return built(*load(path, variant))


def built(config, cls):
    with torch.device("meta"):
        model = cls._from_config(config, attn_implementation="eager", dtype=torch.bfloat16,
                                 experts_implementation="batched_mm")
    model.eval()
    return config, model


def decoder(model, config, prompt, context, batch):
    def ids(n):
        return torch.zeros((batch, n), dtype=torch.long, device="meta")

    text = config.get_text_config()
    signature = inspect.signature(model.forward).parameters
    mamba = "cache_params" in signature
    cache_name = next(n for n in ("cache_params", "past_key_values", "cache") if n in signature)

    def step(n, cache, past, **more):
        more[cache_name] = cache
        if not mamba:
            more["position_ids"] = torch.arange(past, past + n, device="meta").unsqueeze(0)
        return model(input_ids=ids(n), use_cache=True, **more)

    result = {}
    cache = DynamicCache(config=text)
    result["prefill_all_logits"], _ = count(model, lambda: step(prompt, cache, 0))
    elements = cache_elements(cache, config.model_type == "deepseek_v4")
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


def text_to_text(model, config, prompt, context, batch):
    """An encoder of as many tokens as the configuration allows, and a decoder behind it."""
    source = getattr(config, "n_positions", None) or getattr(config, "max_position_embeddings", None) or 512
    result = {}

    def ids(n, m=batch):
        return torch.zeros((m, n), dtype=torch.long, device="meta")

    encoder = model.get_encoder()
    result["encoder"], _ = count(model, lambda: encoder(input_ids=ids(source, 1)))
    with torch.no_grad():
        encoded = encoder(input_ids=ids(source))

    def step(n, cache):
        return model(decoder_input_ids=ids(n), encoder_outputs=encoded, past_key_values=cache, use_cache=True)

    cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
    result["prefill_all_logits"], _ = count(model, lambda: step(prompt, cache))
    elements = cache_elements(cache)
    head = 2 * batch * config.vocab_size * config.d_model
    last = json.loads(json.dumps(result["prefill_all_logits"]))
    last["by_group"]["lm_head"] = head
    last["total"] -= head * (prompt - 1)
    result["prefill_last_logit"] = last
    cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
    with torch.no_grad():
        step(context, cache)
    result["decode"], _ = count(model, lambda: step(1, cache))
    return result, elements


def encoder_only(model, config, prompt, context, batch):
    """A model without a head: every token sees every other, nothing is kept."""
    def step():
        return model(input_ids=torch.zeros((batch, prompt), dtype=torch.long, device="meta"))

    flops, out = count(model, step)
    cache = getattr(out, "past_key_values", None) or getattr(out, "cache", None)
    return {"prefill_last_logit": flops}, cache_elements(cache) if cache is not None else 0


def on_cpu(*modules):
    """Gives modules that read their own numbers some to read; which ones changes no count."""
    for module in modules:
        module.to_empty(device="cpu")
        for tensor in list(module.parameters()) + list(module.buffers()):
            tensor.data.zero_()


def vision(model, config, image):
    width, height = image
    if config.model_type in ("gemma3", "llava"):
        v = config.vision_config
        pixels = torch.zeros((1, v.num_channels, v.image_size, v.image_size), dtype=torch.bfloat16, device="meta")

        def run():
            return model.model.get_image_features(pixels)
    elif config.model_type == "mistral3":
        v = config.vision_config
        on_cpu(model.model.vision_tower, model.model.multi_modal_projector)
        pixels = torch.zeros((1, v.num_channels, height, width), dtype=torch.bfloat16)

        def run():
            return model.model.get_image_features(pixels, image_sizes=[(height, width)])
    elif config.model_type == "kimi_k25":
        v = config.vision_config
        h, w = height // v.patch_size, width // v.patch_size
        on_cpu(model.model.vision_tower, model.model.mm_projector)
        pixels = torch.zeros((h * w, 3, v.patch_size, v.patch_size), dtype=torch.bfloat16)

        def run():
            return model.model.get_image_features(pixels, image_grid_thw=torch.tensor([[1, h, w]]))
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
        if config.model_type.startswith("glm4v"):
            on_cpu(tower)
            return counted_vision(model, lambda: tower(torch.zeros(pixels.shape, dtype=torch.bfloat16),
                                                       grid_thw=grid))

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
    return counted_vision(model, run)


def counted_vision(model, run):
    flops, _ = count(model, run)
    total = flops["total"]
    return {"total": total, "by_group": {"vision": total}}


def measure(path, prompt, context, batch, image, variant=None):
    config, model = build(path, variant)
    record = {"config": os.path.splitext(os.path.basename(path))[0], "prompt": prompt, "context": context,
              "batch": batch}
    if variant:
        record["variant"] = variant["name"]
    return counted(record, config, model, image)


def counted(record, config, model, image):
    record.update(parameters(model, config))
    name = type(model).__name__
    runner = (whisper if config.model_type == "whisper"
              else text_to_text if getattr(config, "is_encoder_decoder", False)
              else encoder_only if name.endswith("Model") else decoder)
    flops, elements = runner(model, config, record["prompt"], record["context"], record["batch"])
    if getattr(config, "vision_config", None) is not None:
        record["image"] = "%dx%d" % image
        flops["vision"] = vision(model, config, image)
    record["elements_after_prefill"] = elements
    record["flops"] = {"hf": flops}
    return record


def measure_families(path):
    """One line per configuration, given whole; what the class assumes stands in for absent keys."""
    with open(path) as f:
        lines = [json.loads(line) for line in f if line.strip()]
    for line in lines:
        image = tuple(int(x) for x in line.get("image", "448x672").split("x"))
        try:
            record = {"name": line["name"], "config": line["config"], "prompt": line.get("prompt", 70),
                      "context": line.get("context", 50), "batch": line.get("batch", 2)}
            config, model = built(*configured(line["config"]))
            counted(record, config, model, image)
            for key in line.get("leave_out", []):  # what the reference keeps for its own reasons
                record.pop(key)
            print(json.dumps(record), flush=True)
        except Exception as e:
            print(line["name"], type(e).__name__, str(e).splitlines()[:1], file=sys.stderr)


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
    parser.add_argument("--families", help="a file of whole configurations to measure instead")
    parser.add_argument("--prompt", type=int)
    parser.add_argument("--context", type=int)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--image", default="448x672", help="WxH in pixels")
    args = parser.parse_args()
    if args.variants:
        measure_variants(args.variants)
        return
    if args.families:
        measure_families(args.families)
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
