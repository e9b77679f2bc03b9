"""Builds the networks of the table as torch modules with random weights, with inputs to run them on.

Nothing is downloaded: timm and torchvision with weights=None, transformers from configurations written
here, ultralytics from the yaml files inside its package.
"""
from dataclasses import dataclass, field

import torch
from torch import nn

BATCH = 2  # where the batch is left open: torch.export treats sizes 0 and 1 as constants


@dataclass
class Built:
    module: nn.Module  # called with the inputs in order
    inputs: dict[str, torch.Tensor]
    # For every input the role of each axis ("batch", "height", ...), None where it is always fixed.
    axes: dict[str, tuple] = field(default_factory=dict)
    variadic: bool = False  # forward(*inputs) instead of named parameters: torch.export must know


def build(library, network, dynamic, fused_attention=True):
    """fused_attention: False where the exporter has no scaled_dot_product_attention (TorchScript before opset 14)."""
    torch.manual_seed(0)
    batch = BATCH if "batch" in dynamic else 1
    options = {"fused_attention": fused_attention} if library in ("timm", "transformers") else {}
    built = {"torchvision": torchvision_network, "timm": timm_network, "transformers": transformers_network,
             "ultralytics": ultralytics_network, "toy": toy_network}[library](network, batch, dynamic, **options)
    built.module.eval().requires_grad_(False)
    return built


def images(batch, height, width=None, name="input"):
    return {name: torch.rand(batch, 3, height, width or height)}, {name: ("batch", None, "height", "width")}


# --- torchvision ---------------------------------------------------------------------------------

class Detector(nn.Module):
    """torchvision's detectors take a list of images of any size; a batch of one tensor is what can be exported."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image):
        return self.model([image])


class LastFlow(nn.Module):
    """RAFT returns every refinement; only the last is the answer."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, first, second):
        return self.model(first, second, num_flow_updates=4)[-1]


DETECTORS = ("rcnn", "retinanet", "fcos", "ssd")
VIDEO = {"r3d_18": (8, 112), "mc3_18": (8, 112), "r2plus1d_18": (8, 112), "mvit_v1_b": (16, 224),
         "mvit_v2_s": (16, 224), "swin3d_t": (8, 112), "s3d": (16, 224)}


def torchvision_network(network, batch, dynamic):
    from torchvision import models

    def get(**options):
        return models.get_model(network, weights=None, **options)

    if network in VIDEO:
        frames, size = VIDEO[network]
        return Built(get(), {"input": torch.rand(batch, 3, frames, size, size)}, {"input": ("batch", None, None, None, None)})
    if network.startswith("raft"):
        first, axes = images(batch, 128, 160, "first")
        second, more = images(batch, 128, 160, "second")
        return Built(LastFlow(get()), first | second, axes | more)
    if any(word in network for word in DETECTORS):
        size = 300 if "ssd300" in network else 320
        # The resizing inside the detectors would blow every image up to 800 pixels.
        options = {} if "ssd" in network or "320" in network else {"min_size": size, "max_size": 480}
        model = get(weights_backbone=None, **options)
        return Built(Detector(model), {"image": torch.rand(3, size, size)}, {"image": (None, "height", "width")})
    if any(word in network for word in ("fcn", "deeplab", "lraspp")):
        inputs, axes = images(batch, 520 if network == "fcn_resnet50" else 224)
        return Built(get(weights_backbone=None), inputs, axes)
    size = 299 if network == "inception_v3" else 224
    # googlenet and inception_v3: as released, without the heads that only training uses.
    options = {"aux_logits": False, "init_weights": False} if network in ("googlenet", "inception_v3") else {}
    inputs, axes = images(batch, size)
    return Built(get(**options), inputs, axes)


# --- timm ----------------------------------------------------------------------------------------

def timm_network(network, batch, dynamic, fused_attention):
    import timm
    timm.layers.set_fused_attn(fused_attention)
    options = {"img_size": 224} if "dinov2" in network else {}
    # exportable: without operators that the tracers cannot see through (timm's own switch).
    model = timm.create_model(network, pretrained=False, exportable=True, **options)
    size = 224 if "dinov2" in network else model.default_cfg["input_size"][-1]
    fixed = model.default_cfg.get("fixed_input_size", False)
    inputs, axes = images(batch, size if fixed else min(size, 288))
    return Built(model, inputs, axes)


# --- transformers --------------------------------------------------------------------------------

class Positional(nn.Module):
    """Gives a transformers model named tensors in, the tensors of its answer out, and no caches."""

    def __init__(self, model, names):
        super().__init__()
        self.model = model
        self.names = names

    def forward(self, *tensors):
        answer = self.model(**dict(zip(self.names, tensors)))
        values = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, tuple) else [answer]
        return tuple(v for v in values if isinstance(v, torch.Tensor))


class WithPast(nn.Module):
    """One step of a decoder with its key and value caches as inputs and outputs."""

    def __init__(self, model, masked=False):
        super().__init__()
        self.model = model
        self.masked = masked

    def forward(self, input_ids, *rest):
        from transformers import DynamicCache
        mask, past = (rest[0], rest[1:]) if self.masked else (None, rest)
        cache = DynamicCache()
        for i in range(0, len(past), 2):
            cache.update(past[i], past[i + 1], i // 2)
        answer = self.model(input_ids=input_ids, attention_mask=mask, past_key_values=cache, use_cache=True)
        present = [t for layer in answer.past_key_values.layers for t in (layer.keys, layer.values)]
        return answer[0], *present


TEXT = dict(vocab_size=2000, hidden_size=256, num_hidden_layers=2, num_attention_heads=4, intermediate_size=1024)
LLAMA = dict(vocab_size=2000, hidden_size=256, num_hidden_layers=2, num_attention_heads=8, num_key_value_heads=2,
             intermediate_size=688, max_position_embeddings=512)
VISION = dict(hidden_size=192, num_hidden_layers=3, num_attention_heads=3, intermediate_size=768)


def transformers_network(network, batch, dynamic, fused_attention):
    import transformers as hf
    hf.logging.set_verbosity_error()

    def ids(length=32, name="input_ids", count=batch):
        return {name: torch.randint(3, 1000, (count, length))}

    def mask(length=32, name="attention_mask"):
        return {name: torch.ones(batch, length, dtype=torch.int64)}

    def pixels(size=224):
        return {"pixel_values": torch.rand(batch, 3, size, size)}

    def model(cls, config_cls, /, **options):
        config = config_cls(**options)
        if hasattr(config, "use_cache"):
            config.use_cache = False
        if not fused_attention:
            config._attn_implementation = "eager"
        return getattr(hf, cls)._from_config(config) if hasattr(getattr(hf, cls), "_from_config") else getattr(hf, cls)(config)

    text = ids() | mask()
    clip_text = dict(vocab_size=2000, hidden_size=128, num_hidden_layers=2, num_attention_heads=4, intermediate_size=512,
                     max_position_embeddings=77, eos_token_id=2, bos_token_id=1, pad_token_id=0)
    clip_vision = VISION | dict(image_size=224, patch_size=32)
    whisper = dict(vocab_size=51865, num_mel_bins=80, d_model=384, encoder_layers=4, decoder_layers=4, encoder_attention_heads=6,
                   decoder_attention_heads=6, encoder_ffn_dim=1536, decoder_ffn_dim=1536)
    seq2seq = dict(vocab_size=2000, d_model=256, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
                   decoder_attention_heads=4, encoder_ffn_dim=1024, decoder_ffn_dim=1024, max_position_embeddings=256)
    speech = dict(hidden_size=192, num_hidden_layers=2, num_attention_heads=3, intermediate_size=768, vocab_size=32)
    sam = dict(vision_config=dict(hidden_size=128, num_hidden_layers=2, num_attention_heads=4, image_size=256, patch_size=16,
                                  window_size=7, global_attn_indexes=[1], mlp_dim=512, output_channels=64, num_pos_feats=32),
               prompt_encoder_config=dict(hidden_size=64, image_size=256, patch_size=16),
               mask_decoder_config=dict(hidden_size=64, mlp_dim=256, iou_head_hidden_dim=64, num_attention_heads=4))

    table = {
        # text encoders
        "bert-base": lambda: (model("BertModel", hf.BertConfig), ids(128) | mask(128)),
        "bert-small": lambda: (model("BertModel", hf.BertConfig, **TEXT), text),
        "distilbert": lambda: (model("DistilBertModel", hf.DistilBertConfig), ids(64) | mask(64)),
        "mobilebert": lambda: (model("MobileBertModel", hf.MobileBertConfig), text),
        "albert-base": lambda: (model("AlbertModel", hf.AlbertConfig, embedding_size=128, hidden_size=768,
                                      intermediate_size=3072, num_attention_heads=12), text),
        "roberta-small": lambda: (model("RobertaModel", hf.RobertaConfig, **TEXT), text),
        "deberta-small": lambda: (model("DebertaModel", hf.DebertaConfig, **TEXT, relative_attention=True,
                                        pos_att_type=["c2p", "p2c"]), text),
        "deberta-v2-small": lambda: (model("DebertaV2Model", hf.DebertaV2Config, **TEXT, relative_attention=True,
                                           pos_att_type=["c2p", "p2c"], position_buckets=64, share_att_key=True), text),
        "electra-small": lambda: (model("ElectraModel", hf.ElectraConfig, **TEXT, embedding_size=128), text),
        "xlnet-small": lambda: (model("XLNetModel", hf.XLNetConfig, vocab_size=2000, d_model=256, n_layer=2, n_head=4,
                                      d_inner=1024, use_mems_eval=False), text),
        "funnel-small": lambda: (model("FunnelModel", hf.FunnelConfig, vocab_size=2000, block_sizes=[2, 2], num_decoder_layers=1,
                                       d_model=256, n_head=4, d_head=64, d_inner=1024), text),
        "longformer-small": lambda: (model("LongformerModel", hf.LongformerConfig, **TEXT, attention_window=[16, 16]), text),
        "squeezebert": lambda: (model("SqueezeBertModel", hf.SqueezeBertConfig), text),
        "layoutlm-small": lambda: (model("LayoutLMModel", hf.LayoutLMConfig, **TEXT),
                                   ids() | {"bbox": torch.randint(0, 500, (batch, 32, 1)).expand(batch, 32, 4).contiguous()} | mask()),
        "layoutlmv3-small": lambda: (model("LayoutLMv3Model", hf.LayoutLMv3Config, **TEXT | dict(hidden_size=240), coordinate_size=40, shape_size=40,
                                           has_relative_attention_bias=True, has_spatial_attention_bias=True),
                                     ids() | {"bbox": torch.randint(0, 500, (batch, 32, 1)).expand(batch, 32, 4).contiguous()} | mask() | pixels()),
        "modernbert-small": lambda: (model("ModernBertModel", hf.ModernBertConfig, **TEXT, pad_token_id=0, bos_token_id=1, eos_token_id=2,
                                           cls_token_id=1, sep_token_id=2), text),
        "mpnet-small": lambda: (model("MPNetModel", hf.MPNetConfig, **TEXT), text),
        # decoders
        "gpt2": lambda: (model("GPT2Model", hf.GPT2Config), ids(64) | mask(64)),
        "gpt2-lm": lambda: (model("GPT2LMHeadModel", hf.GPT2Config, n_layer=4), ids(64) | mask(64)),
        "gpt-neox-tiny": lambda: (model("GPTNeoXModel", hf.GPTNeoXConfig, **TEXT, max_position_embeddings=512), text),
        "opt-tiny": lambda: (model("OPTForCausalLM", hf.OPTConfig, vocab_size=2000, hidden_size=256, num_hidden_layers=2,
                                   num_attention_heads=4, ffn_dim=1024, word_embed_proj_dim=256), text),
        "bloom-tiny": lambda: (model("BloomForCausalLM", hf.BloomConfig, vocab_size=2000, hidden_size=256, n_layer=2, n_head=4), text),
        "falcon-tiny": lambda: (model("FalconForCausalLM", hf.FalconConfig, vocab_size=2000, hidden_size=256, num_hidden_layers=2,
                                      num_attention_heads=4), text),
        "llama-tiny": lambda: (model("LlamaForCausalLM", hf.LlamaConfig, **LLAMA), text),
        "qwen2-tiny": lambda: (model("Qwen2ForCausalLM", hf.Qwen2Config, **LLAMA), text),
        "qwen3-tiny": lambda: (model("Qwen3ForCausalLM", hf.Qwen3Config, **LLAMA, head_dim=32), text),
        "qwen3-moe-tiny": lambda: (model("Qwen3MoeForCausalLM", hf.Qwen3MoeConfig, **LLAMA, head_dim=32, num_experts=4,
                                         num_experts_per_tok=2, moe_intermediate_size=128), text),
        "gemma-tiny": lambda: (model("GemmaForCausalLM", hf.GemmaConfig, **LLAMA | dict(num_key_value_heads=1), head_dim=32), text),
        "gemma3-tiny": lambda: (model("Gemma3ForCausalLM", hf.Gemma3TextConfig, **LLAMA, head_dim=32, sliding_window=16), text),
        "phi-tiny": lambda: (model("PhiForCausalLM", hf.PhiConfig, **LLAMA), text),
        "phi3-tiny": lambda: (model("Phi3ForCausalLM", hf.Phi3Config, **LLAMA, pad_token_id=0), text),
        "mistral-tiny": lambda: (model("MistralForCausalLM", hf.MistralConfig, **LLAMA), text),
        "mixtral-tiny": lambda: (model("MixtralForCausalLM", hf.MixtralConfig, **LLAMA, num_local_experts=4), text),
        "olmo-tiny": lambda: (model("OlmoForCausalLM", hf.OlmoConfig, **LLAMA, pad_token_id=0), text),
        "mamba-tiny": lambda: (model("MambaForCausalLM", hf.MambaConfig, vocab_size=2000, hidden_size=128, num_hidden_layers=2,
                                     state_size=8), ids(16)),
        # text to text
        "t5-small-encoder": lambda: (model("T5EncoderModel", hf.T5Config), text),
        "t5-small": lambda: (model("T5ForConditionalGeneration", hf.T5Config, decoder_start_token_id=0),
                             ids() | mask() | ids(8, "decoder_input_ids")),
        "bart-small": lambda: (model("BartModel", hf.BartConfig, **seq2seq), ids() | mask() | ids(8, "decoder_input_ids")),
        "marian-small": lambda: (model("MarianMTModel", hf.MarianConfig, **seq2seq, pad_token_id=0, decoder_start_token_id=0),
                                 ids() | mask() | ids(8, "decoder_input_ids")),
        # sound
        "whisper-tiny-encoder": lambda: (model("WhisperModel", hf.WhisperConfig, **whisper).encoder,
                                         {"input_features": torch.rand(batch, 80, 3000)}),
        "whisper-tiny-decoder": lambda: (model("WhisperModel", hf.WhisperConfig, **whisper).decoder,
                                         ids(8) | mask(8) | {"encoder_hidden_states": torch.rand(batch, 1500, 384)}),
        "wav2vec2-small": lambda: (model("Wav2Vec2ForCTC", hf.Wav2Vec2Config, **speech), {"input_values": torch.rand(batch, 16000)}),
        "hubert-small": lambda: (model("HubertModel", hf.HubertConfig, **speech), {"input_values": torch.rand(batch, 16000)}),
        "speecht5-small": lambda: (model("SpeechT5ForSpeechToText", hf.SpeechT5Config, vocab_size=80, hidden_size=192, encoder_layers=2,
                                         decoder_layers=2, encoder_attention_heads=3, decoder_attention_heads=3, encoder_ffn_dim=768,
                                         decoder_ffn_dim=768),
                                   {"input_values": torch.rand(batch, 16000), "decoder_input_ids": torch.randint(3, 70, (batch, 8))}),
        # images
        "clip-small": lambda: (model("CLIPModel", hf.CLIPConfig, text_config=clip_text, vision_config=clip_vision, projection_dim=128),
                               ids() | pixels() | mask()),
        "siglip-small": lambda: (model("SiglipModel", hf.SiglipConfig, text_config=clip_text | dict(projection_size=192),
                                       vision_config=clip_vision), ids() | pixels()),
        "vit-small": lambda: (model("ViTForImageClassification", hf.ViTConfig, **VISION), pixels()),
        "deit-small": lambda: (model("DeiTModel", hf.DeiTConfig, **VISION), pixels()),
        "beit-small": lambda: (model("BeitModel", hf.BeitConfig, **VISION, use_relative_position_bias=True), pixels()),
        "dinov2-small": lambda: (model("Dinov2Model", hf.Dinov2Config, hidden_size=192, num_hidden_layers=3, num_attention_heads=3,
                                       image_size=224), pixels()),
        "detr-resnet50": lambda: (model("DetrForObjectDetection", hf.DetrConfig, use_timm_backbone=False, use_pretrained_backbone=False,
                                        backbone=None, backbone_config=hf.ResNetConfig(out_features=["stage4"])), pixels(256)),
        "yolos-small": lambda: (model("YolosForObjectDetection", hf.YolosConfig, **VISION, image_size=[256, 256]), pixels(256)),
        "segformer-b0": lambda: (model("SegformerForSemanticSegmentation", hf.SegformerConfig), pixels(256)),
        "mobilevit-hf": lambda: (model("MobileViTModel", hf.MobileViTConfig), pixels(256)),
        "dpt-small": lambda: (model("DPTForDepthEstimation", hf.DPTConfig, hidden_size=192, num_hidden_layers=4, num_attention_heads=3,
                                    intermediate_size=768, backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[48, 96, 192, 192],
                                    fusion_hidden_size=64, image_size=192), pixels(192)),
        "sam-tiny-encoder": lambda: (model("SamModel", hf.SamConfig, **sam).vision_encoder, pixels(256)),
        "sam-tiny": lambda: (model("SamModel", hf.SamConfig, **sam),
                             pixels(256) | {"input_points": torch.rand(batch, 1, 2, 2) * 200, "input_labels": torch.ones(batch, 1, 2, dtype=torch.int64)}),
        "groupvit-small": lambda: (model("GroupViTModel", hf.GroupViTConfig, text_config=clip_text,
                                         vision_config=dict(hidden_size=192, depths=[2, 1, 1], num_attention_heads=3, intermediate_size=768)),
                                   ids() | pixels()),
        "swin2sr-small": lambda: (model("Swin2SRForImageSuperResolution", hf.Swin2SRConfig, image_size=64, embed_dim=60, depths=[2, 2],
                                        num_heads=[6, 6]), pixels(64)),
        "maskformer-swin-small": lambda: (model("MaskFormerForInstanceSegmentation", hf.MaskFormerConfig), pixels(128)),
    }
    if network == "gpt2-past":
        layers, heads, width, past = 2, 4, 64, 6
        step = WithPast(hf.GPT2LMHeadModel(hf.GPT2Config(vocab_size=2000, n_layer=layers, n_head=heads, n_embd=heads * width)))
        caches = {f"past_{i}_{kind}": torch.rand(batch, heads, past, width) for i in range(layers) for kind in ("key", "value")}
        return Built(step, ids(1) | caches, {name: ("batch", None, "past", None) for name in caches}, variadic=True)

    module, inputs = table[network]()
    axes = {}
    for name in inputs:
        axes[name] = {"pixel_values": ("batch", None, "height", "width"), "input_values": ("batch", "seq"),
                      "decoder_input_ids": ("batch", "decoder_seq"), "input_features": ("batch", None, None),
                      "encoder_hidden_states": ("batch", None, None)}.get(name, ("batch", "seq"))
    return Built(Positional(module, list(inputs)), inputs, axes, variadic=True)


def decoder_step(built, tokens=5, past=6):
    """A causal transformers model as onnxruntime-genai exports it: with caches, under its names."""
    model = built.module.model
    config = model.config
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    inputs = {"input_ids": torch.randint(3, 1000, (1, tokens)), "attention_mask": torch.ones(1, past + tokens, dtype=torch.int64)}
    for layer in range(config.num_hidden_layers):
        for kind in ("key", "value"):
            inputs[f"past_key_values.{layer}.{kind}"] = torch.rand(1, config.num_key_value_heads, past, width)
    return Built(WithPast(model, masked=True).eval(), inputs)


# --- ultralytics ---------------------------------------------------------------------------------

def ultralytics_network(network, batch, dynamic):
    from ultralytics import RTDETR, YOLO
    model = (RTDETR if network.startswith("rtdetr") else YOLO)(f"{network}.yaml", verbose=False).model
    # What ultralytics' own exporter does before it traces: fold batch normalisation, set the heads to export.
    model = model.eval().float().fuse(verbose=False)
    for module in model.modules():
        if hasattr(module, "export") and hasattr(module, "format"):
            module.export, module.format, module.dynamic = True, "onnx", bool(dynamic)
            if hasattr(module, "max_det"):
                module.max_det = 300
        elif type(module).__name__ in ("C2f", "C2fAttn") and hasattr(module, "forward_split"):
            module.forward = module.forward_split
    inputs, axes = images(batch, 224 if network.endswith("cls") else 320, name="images")
    with torch.no_grad():
        model(inputs["images"])  # heads make their anchors on the first call
    return Built(model, inputs, axes)


# --- our own -------------------------------------------------------------------------------------

def toy_network(network, batch, dynamic):
    from toys import TOYS
    module, inputs, axes = TOYS[network](batch)
    return Built(module, inputs, axes)
