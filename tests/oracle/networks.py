"""The table of the oracle corpus: which network, by which exporter, at which opset, with which dynamic axes.

Networks were chosen by name, before anybody knew which of them export or which of them Foretime reads.
One line of TABLE is one entry: library, network, exporter (ts: TorchScript, dy: torch.export, ge: the model
builder of onnxruntime-genai, os: onnxscript), opset, then options: axis roles that are dynamic (batch, height, width, seq, ...) and at most one treatment:

  script      torch.jit.script before the TorchScript exporter, so that Python control flow survives
  qdq         onnxruntime static quantisation, QuantizeLinear/DequantizeLinear pairs
  qoperator   the same with QLinearConv and its kin
  quant       onnxruntime dynamic quantisation (MatMulInteger, ConvInteger)
  fused:KIND  onnxruntime.transformers.optimizer for a model of KIND (com.microsoft operators)
  int4        genai: weights in blocks of 4 bits (MatMulNBits)
  raw         torch.export without the clean-up that it runs by default
  half        weights and activations in float16
  external    weights in a file of their own while exporting (networks over 2 GB)
  full        the complete file is kept in full/ beside the structure-only one
"""
from dataclasses import dataclass

TABLE = """
# --- first: kept complete, and a varied handful, so that others can begin ---------------------------
torchvision  resnet50                         ts 17  full
torchvision  mobilenet_v2                     ts 13  full
torchvision  densenet121                      ts 12  full
transformers bert-base                        ts 17  full
torchvision  vgg16                            ts 11  full
torchvision  resnet18                         dy 18
torchvision  vit_b_16                         ts 17
torchvision  swin_t                           dy 20
torchvision  convnext_tiny                    ts 17
torchvision  squeezenet1_1                    ts 9
torchvision  efficientnet_b0                  dy 18 batch
torchvision  shufflenet_v2_x1_0               ts 11 batch
torchvision  ssdlite320_mobilenet_v3_large    ts 12
torchvision  fcn_resnet50                     ts 13 height width
torchvision  inception_v3                     ts 10
timm         mobilenetv3_large_100            dy 22
timm         swinv2_tiny_window8_256          ts 16
timm         mobilevit_s                      ts 14 batch
transformers distilbert                       dy 18 batch seq
transformers gpt2                             dy 20 seq
transformers t5-small-encoder                 ts 15 batch seq
transformers llama-tiny                       dy 23 batch seq
transformers whisper-tiny-encoder             ts 17
ultralytics  yolov8n                          ts 12
ultralytics  yolo11n                          ts 17 batch height width
toy          lstm-2layer-bidirectional        ts 14 batch seq
toy          gru                              ts 11
toy          conv1d                           dy 18
toy          conv3d                           ts 9
toy          conv-transpose                   ts 13
toy          script-loop                      ts 13 script
torchvision  resnet18                         ts 13 qdq
torchvision  resnet18                         ts 11 qoperator
transformers bert-small                       ts 14 quant
transformers bert-small                       ts 14 fused:bert

# --- torchvision: every classification network ------------------------------------------------------
torchvision  alexnet                          ts 9
torchvision  alexnet                          dy 18
torchvision  convnext_base                    dy 18
torchvision  convnext_large                   dy 20
torchvision  convnext_small                   ts 14
torchvision  convnext_tiny                    dy 23 batch
torchvision  densenet121                      dy 18
torchvision  densenet161                      ts 9
torchvision  densenet169                      ts 11
torchvision  densenet201                      dy 19
torchvision  efficientnet_b0                  ts 9
torchvision  efficientnet_b1                  ts 10
torchvision  efficientnet_b2                  ts 11
torchvision  efficientnet_b3                  dy 18
torchvision  efficientnet_b4                  ts 13
torchvision  efficientnet_b5                  dy 21
torchvision  efficientnet_b6                  ts 15
torchvision  efficientnet_b7                  ts 16
torchvision  efficientnet_v2_l                ts 17
torchvision  efficientnet_v2_m                dy 18
torchvision  efficientnet_v2_s                ts 12
torchvision  googlenet                        ts 9
torchvision  googlenet                        dy 18
torchvision  inception_v3                     dy 18
torchvision  maxvit_t                         ts 17
torchvision  maxvit_t                         dy 18
torchvision  mnasnet0_5                       ts 9
torchvision  mnasnet0_75                      ts 13
torchvision  mnasnet1_0                       dy 18
torchvision  mnasnet1_3                       dy 24
torchvision  mobilenet_v2                     dy 18 batch height width
torchvision  mobilenet_v3_large               ts 11
torchvision  mobilenet_v3_large               dy 18
torchvision  mobilenet_v3_small               ts 14 batch
torchvision  mobilenet_v3_small               dy 21
torchvision  regnet_x_16gf                    dy 18
torchvision  regnet_x_1_6gf                   ts 12
torchvision  regnet_x_32gf                    ts 13
torchvision  regnet_x_3_2gf                   dy 19
torchvision  regnet_x_400mf                   ts 9
torchvision  regnet_x_800mf                   ts 10
torchvision  regnet_x_8gf                     ts 11
torchvision  regnet_y_128gf                   dy 18 external
torchvision  regnet_y_16gf                    ts 14
torchvision  regnet_y_1_6gf                   ts 15
torchvision  regnet_y_32gf                    dy 18
torchvision  regnet_y_3_2gf                   ts 16
torchvision  regnet_y_400mf                   ts 17
torchvision  regnet_y_800mf                   dy 20
torchvision  regnet_y_8gf                     ts 9
torchvision  resnet101                        ts 9
torchvision  resnet152                        dy 18
torchvision  resnet18                         ts 9 batch height width
torchvision  resnet34                         ts 10
torchvision  resnet50                         dy 18
torchvision  resnet50                         dy 25
torchvision  resnext101_32x8d                 ts 11
torchvision  resnext101_64x4d                 dy 18
torchvision  resnext50_32x4d                  ts 12
torchvision  shufflenet_v2_x0_5               ts 9
torchvision  shufflenet_v2_x1_0               dy 18
torchvision  shufflenet_v2_x1_5               ts 13
torchvision  shufflenet_v2_x2_0               dy 22
torchvision  squeezenet1_0                    dy 18
torchvision  swin_b                           ts 17
torchvision  swin_s                           dy 18
torchvision  swin_t                           ts 13
torchvision  swin_v2_b                        dy 18
torchvision  swin_v2_s                        ts 17
torchvision  swin_v2_t                        dy 19
torchvision  vgg11                            ts 9
torchvision  vgg11_bn                         dy 18
torchvision  vgg13                            dy 18
torchvision  vgg13_bn                         ts 10
torchvision  vgg16_bn                         ts 11
torchvision  vgg19                            dy 20
torchvision  vgg19_bn                         ts 13
torchvision  vit_b_16                         dy 18 batch
torchvision  vit_b_32                         ts 14
torchvision  vit_h_14                         dy 18 external
torchvision  vit_l_16                         ts 16
torchvision  vit_l_32                         dy 23
torchvision  wide_resnet101_2                 ts 12
torchvision  wide_resnet50_2                  dy 18

# --- torchvision: detection, segmentation, video, optical flow --------------------------------------
torchvision  fasterrcnn_resnet50_fpn                 ts 11
torchvision  fasterrcnn_resnet50_fpn_v2              ts 17
torchvision  fasterrcnn_mobilenet_v3_large_fpn       ts 13
torchvision  fasterrcnn_mobilenet_v3_large_320_fpn   ts 16
torchvision  fasterrcnn_mobilenet_v3_large_320_fpn   dy 18
torchvision  maskrcnn_resnet50_fpn                   ts 11
torchvision  maskrcnn_resnet50_fpn_v2                ts 16
torchvision  keypointrcnn_resnet50_fpn               ts 11
torchvision  retinanet_resnet50_fpn                  ts 12
torchvision  retinanet_resnet50_fpn_v2               ts 17
torchvision  fcos_resnet50_fpn                       ts 14
torchvision  ssd300_vgg16                            ts 11
torchvision  ssd300_vgg16                            dy 18
torchvision  ssdlite320_mobilenet_v3_large           dy 18
torchvision  fcn_resnet50                            dy 18
torchvision  fcn_resnet101                           ts 11
torchvision  deeplabv3_resnet50                      ts 12
torchvision  deeplabv3_resnet50                      dy 18 batch
torchvision  deeplabv3_resnet101                     ts 16
torchvision  deeplabv3_mobilenet_v3_large            ts 11
torchvision  deeplabv3_mobilenet_v3_large            dy 19
torchvision  lraspp_mobilenet_v3_large               ts 13
torchvision  lraspp_mobilenet_v3_large               dy 18
torchvision  r3d_18                                  ts 11
torchvision  mc3_18                                  dy 18
torchvision  r2plus1d_18                             ts 13
torchvision  mvit_v1_b                               ts 17
torchvision  mvit_v2_s                               dy 18
torchvision  swin3d_t                                dy 18
torchvision  swin3d_t                                ts 17
torchvision  s3d                                     ts 12
torchvision  raft_small                              ts 16
torchvision  raft_large                              dy 20

# --- timm ------------------------------------------------------------------------------------------
timm convnext_atto                        ts 13
timm convnext_nano                        dy 18
timm convnextv2_tiny                      ts 17
timm convnextv2_atto                      dy 20
timm swin_tiny_patch4_window7_224         ts 12
timm swin_tiny_patch4_window7_224         dy 18
timm swinv2_cr_tiny_224                   dy 18
timm maxvit_tiny_rw_224                   ts 15
timm maxvit_nano_rw_256                   dy 18
timm maxxvit_rmlp_nano_rw_256             ts 17
timm coatnet_0_rw_224                     ts 14
timm coatnet_nano_rw_224                  dy 18
timm coatnext_nano_rw_224                 dy 21
timm tf_efficientnet_b0                   ts 11
timm efficientnet_b2                      dy 18
timm efficientnet_es                      ts 9
timm tf_efficientnet_lite0                ts 9
timm tf_efficientnet_lite0                ts 11
timm tf_efficientnet_lite4                dy 18
timm efficientnetv2_rw_t                  ts 13
timm tf_efficientnetv2_s                  dy 18
timm regnetx_032                          ts 10
timm regnety_016                          dy 18
timm regnetz_b16                          ts 14
timm mobilenetv1_100                      ts 9
timm mobilenetv2_100                      ts 10 batch
timm mobilenetv3_small_100                ts 12
timm mobilenetv4_conv_small               ts 11
timm mobilenetv4_conv_medium              dy 18
timm mobilenetv4_hybrid_medium            dy 18
timm mobilenetv4_hybrid_medium            ts 17
timm vit_tiny_patch16_224                 ts 13
timm vit_small_patch16_224                dy 18 batch
timm vit_base_patch16_224                 dy 23
timm vit_relpos_small_patch16_224         ts 17
timm vit_base_patch16_clip_224            ts 14
timm vit_small_patch14_reg4_dinov2        dy 18
timm deit_tiny_patch16_224                ts 11
timm deit3_small_patch16_224              dy 18
timm deit_tiny_distilled_patch16_224      ts 12
timm beit_base_patch16_224                ts 17
timm beitv2_base_patch16_224              dy 18
timm eva02_tiny_patch14_224               ts 17
timm eva02_tiny_patch14_224               dy 18
timm mixer_b16_224                        ts 9
timm mixer_s32_224                        dy 18
timm gmlp_s16_224                         ts 13
timm resmlp_12_224                        ts 12
timm resmlp_24_224                        dy 18
timm poolformer_s12                       ts 13
timm poolformerv2_s12                     dy 18
timm caformer_s18                         dy 20
timm edgenext_small                       ts 15
timm edgenext_xx_small                    dy 18
timm mobilevit_xxs                        dy 18
timm mobilevitv2_050                      ts 13
timm mobileone_s0                         ts 11
timm repvgg_a0                            ts 9
timm repvit_m1                            dy 18
timm ghostnet_100                         ts 11
timm ghostnetv2_100                       dy 18
timm hrnet_w18_small                      ts 11
timm hrnet_w18                            dy 18
timm dla34                                ts 9
timm dla60_res2net                        dy 18
timm dpn68                                ts 10
timm dm_nfnet_f0                          ts 14
timm eca_nfnet_l0                         dy 18
timm nf_resnet50                          ts 12
timm res2net50_26w_4s                     ts 11
timm res2next50                           dy 18
timm skresnet18                           ts 12
timm skresnext50_32x4d                    dy 18
timm seresnet50                           ts 9
timm resnest14d                           ts 13
timm ecaresnet50t                         dy 18
timm resnetv2_50                          ts 11
timm resnetv2_50x1_bit                    dy 18
timm resnetrs50                           ts 14
timm lambda_resnet26t                     ts 13
timm botnet26t_256                        dy 18
timm halonet26t                           ts 13
timm gcresnet33ts                         ts 12
timm cait_xxs24_224                       ts 13
timm cait_xxs24_224                       dy 18
timm crossvit_9_240                       ts 14
timm crossvit_tiny_240                    dy 18
timm levit_128s                           ts 12
timm levit_128                            dy 18
timm pvt_v2_b0                            ts 13
timm pvt_v2_b2_li                         dy 18
timm twins_svt_small                      ts 13
timm twins_pcpvt_small                    dy 18
timm xcit_nano_12_p16_224                 ts 17
timm xcit_tiny_12_p8_224                  dy 18
timm volo_d1_224                          ts 18
timm volo_d1_224                          dy 19
timm convit_tiny                          ts 12
timm coat_lite_mini                       ts 13
timm convmixer_768_32                     ts 9
timm visformer_tiny                       ts 12
timm nest_tiny                            ts 14
timm pit_ti_224                           ts 12
timm tnt_s_patch16_224                    dy 18
timm sequencer2d_s                        ts 14
timm davit_tiny                           ts 17
timm gcvit_xxtiny                         dy 18
timm focalnet_tiny_srf                    ts 13
timm mvitv2_tiny                          ts 17
timm efficientformer_l1                   ts 13
timm efficientformerv2_s0                 dy 18
timm efficientvit_b0                      ts 13
timm efficientvit_m0                      dy 18
timm fastvit_t8                           ts 15
timm fastvit_sa12                         dy 18
timm inception_next_tiny                  ts 13
timm hiera_tiny_224                       dy 18
timm hgnetv2_b0                           ts 11
timm starnet_s1                           ts 13
timm rdnet_tiny                           dy 18
timm tiny_vit_5m_224                      ts 16
timm nextvit_small                        ts 17
timm tinynet_a                            ts 11
timm tinynet_e                            dy 18
timm lcnet_050                            ts 11
timm lcnet_100                            dy 18
timm hardcorenas_a                        ts 12
timm hardcorenas_f                        dy 18
timm fbnetc_100                           ts 9
timm fbnetv3_b                            dy 18
timm mnasnet_100                          ts 10
timm spnasnet_100                         ts 11
timm mixnet_s                             ts 11
timm rexnet_100                           ts 13
timm rexnetr_200                          dy 18
timm selecsls42b                          ts 9
timm selecsls60                           dy 18
timm cspresnet50                          ts 11
timm cspdarknet53                         dy 18
timm darknet53                            ts 11
timm vovnet39a                            ts 10
timm ese_vovnet19b_dw                     dy 18
timm inception_v4                         ts 9
timm inception_resnet_v2                  dy 18
timm xception41                           ts 11
timm legacy_xception                      dy 18
timm nasnetalarge                         ts 11
timm pnasnet5large                        dy 18
timm wide_resnet50_2                      ts 13 half
timm resnet50                             ts 13 batch height width
timm resnet26d                            dy 18 batch height width

# --- transformers: text ----------------------------------------------------------------------------
transformers bert-base                    dy 18
transformers bert-small                   ts 9
transformers bert-small                   ts 14 batch seq
transformers bert-small                   dy 24 batch seq
transformers bert-small                   ts 13 half
transformers distilbert                   ts 13
transformers mobilebert                   ts 14
transformers mobilebert                   dy 18
transformers albert-base                  ts 12
transformers albert-base                  dy 18 batch seq
transformers roberta-small                ts 14 batch seq
transformers roberta-small                dy 20
transformers deberta-small                ts 14
transformers deberta-v2-small             ts 15 seq
transformers deberta-v2-small             dy 18
transformers electra-small                ts 13
transformers electra-small                dy 18
transformers xlnet-small                  ts 14
transformers funnel-small                 ts 14
transformers longformer-small             ts 14
transformers squeezebert                  ts 13
transformers layoutlm-small               ts 14
transformers layoutlm-small               dy 18
transformers layoutlmv3-small             dy 18
transformers modernbert-small             dy 18
transformers mpnet-small                  ts 14
transformers gpt2                         ts 14 batch seq
transformers gpt2-lm                      ts 13
transformers gpt2-past                    ts 14
transformers gpt-neox-tiny                ts 15
transformers gpt-neox-tiny                dy 18 seq
transformers opt-tiny                     ts 14
transformers opt-tiny                     dy 18
transformers bloom-tiny                   ts 14
transformers bloom-tiny                   dy 18
transformers falcon-tiny                  dy 18
transformers llama-tiny                   ts 17
transformers qwen2-tiny                   ts 17 batch seq
transformers qwen2-tiny                   dy 18
transformers qwen3-tiny                   dy 20 batch seq
transformers qwen3-moe-tiny               dy 18
transformers gemma-tiny                   ts 17
transformers gemma-tiny                   dy 18
transformers gemma3-tiny                  dy 18
transformers phi-tiny                     ts 16
transformers phi-tiny                     dy 18
transformers phi3-tiny                    dy 22
transformers mistral-tiny                 ts 17
transformers mistral-tiny                 dy 18 batch seq
transformers mixtral-tiny                 dy 18
transformers olmo-tiny                    dy 18
transformers mamba-tiny                   ts 17
transformers mamba-tiny                   dy 18
transformers t5-small-encoder             dy 18
transformers t5-small                     ts 14
transformers t5-small                     dy 18
transformers bart-small                   ts 14
transformers bart-small                   dy 18
transformers marian-small                 ts 14

# --- transformers: sound, images, both -------------------------------------------------------------
transformers whisper-tiny-encoder         dy 18
transformers whisper-tiny-decoder         ts 14 seq
transformers whisper-tiny-decoder         dy 18
transformers wav2vec2-small               ts 14 seq
transformers wav2vec2-small               dy 18
transformers hubert-small                 ts 13
transformers speecht5-small               ts 14
transformers clip-small                   ts 14
transformers clip-small                   dy 18
transformers siglip-small                 ts 14
transformers siglip-small                 dy 20
transformers vit-small                    ts 13
transformers vit-small                    dy 18 batch
transformers deit-small                   ts 14
transformers beit-small                   ts 13
transformers dinov2-small                 ts 14
transformers dinov2-small                 dy 18
transformers detr-resnet50                ts 12
transformers detr-resnet50                dy 18
transformers yolos-small                  ts 14
transformers yolos-small                  dy 18
transformers segformer-b0                 ts 12 height width
transformers segformer-b0                 dy 18
transformers mobilevit-hf                 ts 14
transformers dpt-small                    ts 14
transformers sam-tiny-encoder             ts 17
transformers sam-tiny-encoder             dy 18
transformers sam-tiny                     ts 17
transformers groupvit-small               ts 14
transformers swin2sr-small                ts 14
transformers maskformer-swin-small        ts 16

# --- ultralytics -----------------------------------------------------------------------------------
ultralytics  yolov5n                      ts 11
ultralytics  yolov5s                      ts 12 batch
ultralytics  yolov5m                      dy 18
ultralytics  yolov6n                      ts 13
ultralytics  yolov6s                      dy 18
ultralytics  yolov8s                      dy 18
ultralytics  yolov8n-seg                  ts 11
ultralytics  yolov8n-pose                 ts 13
ultralytics  yolov8n-cls                  ts 9
ultralytics  yolov8n-obb                  ts 16
ultralytics  yolov8s-seg                  dy 18
ultralytics  yolov8s-pose                 dy 20
ultralytics  yolov8s-cls                  ts 14 batch
ultralytics  yolov8n                      dy 18 batch
ultralytics  yolov9t                      ts 13
ultralytics  yolov9s                      dy 18
ultralytics  yolov10n                     ts 13
ultralytics  yolov10s                     dy 18
ultralytics  yolo11n-seg                  dy 18
ultralytics  yolo11s                      ts 18
ultralytics  yolo12n                      ts 14
ultralytics  yolo12s                      dy 18
ultralytics  yolo26n                      dy 20
ultralytics  yolo26s                      ts 17
ultralytics  rtdetr-l                     ts 16
ultralytics  rtdetr-resnet50              dy 18

# --- modules of our own: recurrence, other ranks, control flow --------------------------------------
toy          lstm                         ts 9
toy          lstm                         ts 16 batch seq
toy          lstm                         dy 18
toy          lstm-2layer-bidirectional    dy 18
toy          lstm-projection              ts 14
toy          gru-3layer-bidirectional     ts 17
toy          gru                          dy 18
toy          rnn-tanh                     ts 9
toy          rnn-relu-bidirectional       ts 13
toy          rnn-tanh                     dy 18
toy          crnn                         ts 12
toy          conv1d                       ts 9 seq
toy          conv1d-causal-dilated        ts 11
toy          conv3d                       dy 18
toy          conv-transpose               dy 18
toy          conv-transpose1d             ts 9
toy          conv-transpose3d             ts 11
toy          unet                         ts 11 height width
toy          unet                         dy 18 batch
toy          unet3d                       dy 18
toy          deconv-grouped               ts 12
toy          pixel-shuffle                ts 11 height width
toy          pixel-shuffle                dy 18
toy          einsum-zoo                   ts 12
toy          einsum-zoo                   dy 18
toy          pooling-zoo                  ts 14
toy          pooling-zoo                  dy 18
toy          padding-zoo                  ts 18
toy          padding-zoo                  dy 19
toy          resize-zoo                   ts 11
toy          resize-zoo                   dy 18
toy          resize-zoo                   ts 16 height width
toy          indexing-zoo                 ts 16
toy          indexing-zoo                 dy 18
toy          reduction-zoo                ts 13
toy          reduction-zoo                dy 20
toy          norm-zoo                     ts 17
toy          norm-zoo                     dy 21
toy          activation-zoo               ts 15
toy          activation-zoo               dy 18
toy          grid-sample                  ts 16
toy          grid-sample                  dy 20
toy          grid-sample                  ts 20
toy          nonzero                      ts 13
toy          nonzero                      dy 18
toy          topk-sort                    ts 11
toy          spectrogram                  ts 17
toy          spectrogram                  dy 18
toy          transformer-encoder          ts 14 batch seq
toy          transformer-encoder          dy 18
toy          transformer-decoder          ts 13
toy          transformer-decoder          ts 14 batch seq
toy          embedding-bag                ts 13
toy          script-if                    ts 11 script
toy          script-if                    ts 17 script
toy          script-while                 ts 14 script
toy          script-nested                ts 16 script
toy          script-list                  ts 13 script
toy          script-optional              ts 16 script
toy          cond                         dy 18
toy          cond-nested                  dy 20
toy          while-loop                   dy 18
toy          scan                         dy 18

# --- quantised and fused after export ----------------------------------------------------------------
torchvision  mobilenet_v2                 ts 13 qdq
torchvision  mobilenet_v2                 ts 11 qoperator
torchvision  resnet50                     ts 13 qdq
torchvision  squeezenet1_1                ts 13 qoperator
torchvision  efficientnet_b0              ts 13 qdq
torchvision  mobilenet_v3_small           ts 13 qoperator
torchvision  vit_b_16                     ts 17 quant
torchvision  shufflenet_v2_x0_5           ts 13 quant
transformers bert-small                   ts 13 qdq
transformers distilbert                   ts 13 quant
transformers gpt2                         ts 13 quant
toy          lstm                         ts 13 quant
ultralytics  yolov8n                      ts 13 qdq
transformers bert-base                    ts 14 fused:bert
transformers bert-small                   ts 14 fused:bert batch seq
transformers gpt2                         ts 14 fused:gpt2
transformers gpt2-past                    ts 14 fused:gpt2
transformers bart-small                   ts 14 fused:bart
transformers vit-small                    ts 14 fused:vit
transformers clip-small                   ts 14 fused:clip
transformers llama-tiny                   dy 18 fused:gpt_neox
transformers mistral-tiny                 dy 18 fused:phi
toy          activation-zoo               dy 18 raw
toy          indexing-zoo                 dy 20 raw
timm         convnext_atto                dy 18 raw
timm         swin_tiny_patch4_window7_224 dy 18 raw
transformers bert-small                   dy 18 raw batch seq
toy          gated-functions              os 18 batch seq
transformers llama-tiny                   ge 22
transformers llama-tiny                   ge 22 int4
transformers qwen2-tiny                   ge 22
transformers qwen3-tiny                   ge 22 int4
transformers mistral-tiny                 ge 22
transformers phi3-tiny                    ge 22
transformers gemma-tiny                   ge 22 int4
"""

TREATMENTS = ("script", "qdq", "qoperator", "quant", "int4", "raw", "half", "external")


@dataclass(frozen=True)
class Entry:
    library: str
    network: str
    exporter: str  # torchscript, dynamo, genai or onnxscript
    opset: int
    dynamic: tuple[str, ...]  # roles of the axes left open
    treatment: str  # "" or one of TREATMENTS or fused:KIND
    full: bool

    @property
    def id(self):
        parts = [self.library, self.network, f"{self.exporter[:2]}{self.opset}", *self.dynamic]
        if self.treatment:
            parts.append(self.treatment.replace(":", "-"))
        return "-".join(parts)


def parse(line):
    library, network, exporter, opset, *options = line.split()
    treatments = [o for o in options if o in TREATMENTS or o.startswith("fused:")]
    dynamic = tuple(o for o in options if o not in treatments and o != "full")
    return Entry(library, network, {"ts": "torchscript", "dy": "dynamo", "ge": "genai", "os": "onnxscript"}[exporter], int(opset),
                 dynamic, treatments[0] if treatments else "", "full" in options)


def entries():
    lines = [line for line in TABLE.splitlines() if line.strip() and not line.startswith("#")]
    table = [parse(line) for line in lines]
    doubled = {e.id for e in table if sum(o.id == e.id for o in table) > 1}
    assert not doubled, f"entries with the same id: {sorted(doubled)}"
    return table


if __name__ == "__main__":
    from collections import Counter
    table = entries()
    print(len(table), "entries,", sum(bool(e.dynamic) for e in table), "with dynamic axes")
    print(Counter(e.library for e in table), Counter(e.exporter for e in table), Counter(e.opset for e in table), sep="\n")
