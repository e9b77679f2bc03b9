#pragma once

// The builders that the registry names. Those that take an image return the network's answer; the others make
// their own inputs and outputs.

#include "zoo/network.h"
#include "zoo/request.h"

namespace foretime::zoo {

Value alexnet(const Value& image, const Request& request);
Value vgg(const Value& image, const Request& request);
Value resnet(const Value& image, const Request& request);
Value densenet(const Value& image, const Request& request);
Value squeezenet(const Value& image, const Request& request);
Value googlenet(const Value& image, const Request& request);
Value inception_v3(const Value& image, const Request& request);
Value mobilenet_v1(const Value& image, const Request& request);
Value mobilenet_v2(const Value& image, const Request& request);
Value mobilenet_v3(const Value& image, const Request& request);
Value mnasnet(const Value& image, const Request& request);
Value proxylessnas(const Value& image, const Request& request);
Value shufflenet_v2(const Value& image, const Request& request);
Value efficientnet(const Value& image, const Request& request);
Value efficientnet_lite(const Value& image, const Request& request);
Value regnet(const Value& image, const Request& request);
Value convnext(const Value& image, const Request& request);
Value vit(const Value& image, const Request& request);
Value timm_vit(const Value& image, const Request& request);
Value swin(const Value& image, const Request& request);

Value fcn(const Value& image, const Request& request);
Value deeplab_v3(const Value& image, const Request& request);
Value lraspp(const Value& image, const Request& request);
void ssd300(Network& net, const Request& request);
void tiny_yolo(Network& net, const Request& request);

void bert(Network& net, const Request& request);
void distilbert(Network& net, const Request& request);
void mobilebert(Network& net, const Request& request);
void gpt2(Network& net, const Request& request);
void whisper_encoder(Network& net, const Request& request);
void whisper_decoder(Network& net, const Request& request);

Value alexnet_variant(const Value& image, const Request& request);
Value two_branches(const Value& image, const Request& request);
Value conv_sweep(const Value& image, const Request& request);

/// One to four blocks, and a whole network of stages (random.h).
void random_blocks(Network& net, const Request& request);
void random_network(Network& net, const Request& request);
/// A layer, with or without an activation. `around`: like that seed's, but of other channels. `part`: 1,
/// between a convolution that widens the image and one that narrows it; 2, these two alone (docs/sweeps.md).
void random_kernel(Network& net, const Request& request);

// Trunks that dense prediction builds on.

/// `dilated`: the last two stages keep their size and spread their kernels instead.
Value resnet_features(const Value& image, std::string_view variant, bool dilated);

struct MobileNetFeatures {
  Value low;   // stride 8
  Value high;  // stride 16
};
MobileNetFeatures mobilenet_v3_large_dilated(const Value& image);

}  // namespace foretime::zoo
