#!/usr/bin/env python3
"""Writes published.json: parameters and multiply-adds of well-known networks, as torch counts them.

Modules are built on the meta device, so nothing is computed and no weights are made:
only shapes run through FlopCounterMode. One MAC is two of its flops.
"""
import json
import sys
import traceback
from pathlib import Path

import torch

from counting import count_macs, count_parameters

OUT = Path(__file__).with_name("published.json")

TIMM = [
    "mobilenetv1_100", "mobilenetv1_125", "mobilenetv2_100", "mobilenetv3_small_100", "mobilenetv3_large_100",
    "tf_efficientnet_lite0", "tf_efficientnet_lite1", "tf_efficientnet_lite2", "tf_efficientnet_lite3", "tf_efficientnet_lite4",
    "tf_efficientnet_b0", "fbnetc_100", "spnasnet_100", "mnasnet_100", "semnasnet_100",
    "regnetx_002", "regnetx_004", "regnetx_006", "regnetx_008", "regnetx_016", "regnetx_032", "regnetx_040",
    "regnetx_064", "regnetx_080", "regnetx_120", "regnetx_160", "regnetx_320",
    "regnety_002", "regnety_004", "regnety_006", "regnety_008", "regnety_016", "regnety_032", "regnety_040",
    "regnety_064", "regnety_080", "regnety_120", "regnety_160", "regnety_320",
    "convnext_tiny", "convnext_small", "convnext_base", "convnext_large",
    "vit_tiny_patch16_224", "vit_small_patch16_224", "vit_base_patch16_224",
    "swin_tiny_patch4_window7_224", "swin_small_patch4_window7_224", "swin_base_patch4_window7_224",
    "deit_tiny_patch16_224", "mixer_b16_224", "densenet121", "xception", "inception_v4",
]


def record(result, name, module, *inputs, **keywords):
    module = module.eval()
    macs = count_macs(module, inputs, keywords)
    shapes = [list(t.shape) for t in (*inputs, *keywords.values()) if isinstance(t, torch.Tensor)]
    result[name] = {"params": count_parameters(module), "macs": macs, "input": shapes[0] if len(shapes) == 1 else shapes}


def image(size, batch=1):
    return torch.empty(batch, 3, size, size, device="meta")


def torchvision_classification(result):
    from torchvision import models
    for name in models.list_models(module=models):
        size = models.get_model_weights(name).DEFAULT.transforms().crop_size[0]
        for resolution in {size, 224}:
            options = {"image_size": resolution} if name.startswith("vit_") else {}
            if name in ("googlenet", "inception_v3"):
                # The auxiliary heads only exist for training; the released weights come without them.
                options = {"aux_logits": False, "init_weights": False}
            if name.startswith("regnet"):  # computes its widths with tensors, which the meta device cannot
                module = models.get_model(name, weights=None).to("meta")
            else:
                with torch.device("meta"):
                    module = models.get_model(name, weights=None, **options)
            record(result, name if resolution == size else f"{name}@{resolution}", module, image(resolution))


def torchvision_dense(result):
    from torchvision import models
    for name, size in {"fcn_resnet50": 520, "fcn_resnet101": 520, "deeplabv3_mobilenet_v3_large": 520,
                       "deeplabv3_resnet50": 520, "deeplabv3_resnet101": 520, "lraspp_mobilenet_v3_large": 520}.items():
        for resolution in (size, 224):
            with torch.device("meta"):
                module = models.get_model(name, weights=None, weights_backbone=None)
            record(result, name if resolution == size else f"{name}@{resolution}", module, image(resolution))
    for name, size in {"ssd300_vgg16": 300, "ssdlite320_mobilenet_v3_large": 320}.items():
        # Post-processing needs real numbers, so these two run on the CPU.
        module = models.get_model(name, weights=None, weights_backbone=None)
        record(result, name, module, torch.rand(1, 3, size, size))


def timm_networks(result):
    import timm
    for name in TIMM:
        with torch.device("meta"):
            module = timm.create_model(name, pretrained=False)
        record(result, f"timm/{name}", module, image(module.default_cfg["input_size"][-1]))


def transformers_networks(result):
    import transformers as hf
    ids = torch.zeros(1, 128, dtype=torch.int64)
    for name, config in {"BertModel": hf.BertConfig(), "DistilBertModel": hf.DistilBertConfig(),
                         "MobileBertModel": hf.MobileBertConfig(), "GPT2Model": hf.GPT2Config(use_cache=False),
                         "GPT2LMHeadModel": hf.GPT2Config(use_cache=False), "AlbertModel": hf.AlbertConfig(
                             embedding_size=128, hidden_size=768, intermediate_size=3072, num_attention_heads=12)}.items():
        record(result, f"transformers/{name}", getattr(hf, name)(config), input_ids=ids)
    # The released whisper-tiny; WhisperConfig's own defaults differ from it in nothing that costs.
    config = hf.WhisperConfig(vocab_size=51865, num_mel_bins=80, d_model=384, encoder_layers=4, decoder_layers=4,
                              encoder_attention_heads=6, decoder_attention_heads=6, encoder_ffn_dim=1536,
                              decoder_ffn_dim=1536, max_source_positions=1500, max_target_positions=448, use_cache=False)
    whisper = hf.WhisperModel(config)
    mel, token = torch.zeros(1, 80, 3000), torch.zeros(1, 1, dtype=torch.int64)
    record(result, "transformers/WhisperModel-tiny", whisper, input_features=mel, decoder_input_ids=token)
    record(result, "transformers/WhisperModel-tiny-encoder", whisper.encoder, input_features=mel)
    record(result, "transformers/WhisperModel-tiny-decoder", whisper.decoder, input_ids=token,
           encoder_hidden_states=torch.zeros(1, 1500, 384))


def main():
    torch.set_num_threads(1)
    result = {}
    for part in (torchvision_classification, timm_networks, torchvision_dense, transformers_networks):
        try:
            part(result)
        except Exception:  # one library's trouble must not cost the others' numbers
            traceback.print_exc()
        OUT.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
        print(part.__name__, len(result), file=sys.stderr)


if __name__ == "__main__":
    main()
