#include "zoo/registry.h"

#include <array>

#include "zoo/families.h"

namespace foretime::zoo {
namespace {

/// One image in, one answer out.
template <Value (*Body)(const Value&, const Request&)>
void on_image(Network& net, const Request& request) {
  const Value image = net.input("input", {request.batch, 3, request.resolution, request.resolution});
  net.output(Body(image, request));
}

constexpr std::string_view kVision = "torchvision";
constexpr std::string_view kTimm = "timm";

constexpr std::string_view k224 = "resolution=224&classes=1000";
constexpr std::string_view kWide = "resolution=224&classes=1000&width=1";

constexpr Entry kEntries[] = {
    {"alexnet", "alexnet", kVision, k224, on_image<alexnet>, "AlexNet, one tower"},
    {"vgg11", "vgg", kVision, k224, on_image<vgg>, "VGG, 11 layers"},
    {"vgg13", "vgg", kVision, k224, on_image<vgg>, "VGG, 13 layers"},
    {"vgg16", "vgg", kVision, k224, on_image<vgg>, "VGG, 16 layers"},
    {"vgg19", "vgg", kVision, k224, on_image<vgg>, "VGG, 19 layers"},
    {"vgg11_bn", "vgg", kVision, k224, on_image<vgg>, "VGG, 11 layers, batch normalisation"},
    {"vgg13_bn", "vgg", kVision, k224, on_image<vgg>, "VGG, 13 layers, batch normalisation"},
    {"vgg16_bn", "vgg", kVision, k224, on_image<vgg>, "VGG, 16 layers, batch normalisation"},
    {"vgg19_bn", "vgg", kVision, k224, on_image<vgg>, "VGG, 19 layers, batch normalisation"},
    {"resnet18", "resnet", kVision, k224, on_image<resnet>, "ResNet, 18 layers, basic blocks"},
    {"resnet34", "resnet", kVision, k224, on_image<resnet>, "ResNet, 34 layers, basic blocks"},
    {"resnet50", "resnet", kVision, k224, on_image<resnet>, "ResNet, 50 layers, bottlenecks"},
    {"resnet101", "resnet", kVision, k224, on_image<resnet>, "ResNet, 101 layers, bottlenecks"},
    {"resnet152", "resnet", kVision, k224, on_image<resnet>, "ResNet, 152 layers, bottlenecks"},
    {"resnext50_32x4d", "resnet", kVision, k224, on_image<resnet>, "ResNeXt, 50 layers, 32 groups of 4"},
    {"resnext101_32x8d", "resnet", kVision, k224, on_image<resnet>, "ResNeXt, 101 layers, 32 groups of 8"},
    {"resnext101_64x4d", "resnet", kVision, k224, on_image<resnet>, "ResNeXt, 101 layers, 64 groups of 4"},
    {"wide_resnet50_2", "resnet", kVision, k224, on_image<resnet>,
     "ResNet, 50 layers, bottlenecks twice as wide"},
    {"wide_resnet101_2", "resnet", kVision, k224, on_image<resnet>,
     "ResNet, 101 layers, bottlenecks twice as wide"},
    {"densenet121", "densenet", kVision, k224, on_image<densenet>, "DenseNet, 121 layers, growth 32"},
    {"densenet161", "densenet", kVision, k224, on_image<densenet>, "DenseNet, 161 layers, growth 48"},
    {"densenet169", "densenet", kVision, k224, on_image<densenet>, "DenseNet, 169 layers, growth 32"},
    {"densenet201", "densenet", kVision, k224, on_image<densenet>, "DenseNet, 201 layers, growth 32"},
    {"squeezenet1_0", "squeezenet", kVision, k224, on_image<squeezenet>, "SqueezeNet 1.0, 7x7 stem"},
    {"squeezenet1_1", "squeezenet", kVision, k224, on_image<squeezenet>,
     "SqueezeNet 1.1, 3x3 stem, earlier pooling"},
    {"googlenet", "inception", kVision, k224, on_image<googlenet>, "GoogLeNet without auxiliary heads"},
    {"inception_v3", "inception", kVision, "resolution=299&classes=1000", on_image<inception_v3>,
     "Inception v3 without auxiliary head"},
    {"mobilenet_v1", "mobilenet", kTimm, kWide, on_image<mobilenet_v1>, "MobileNet v1"},
    {"mobilenet_v2", "mobilenet", kVision, kWide, on_image<mobilenet_v2>, "MobileNet v2"},
    {"mobilenet_v3_small", "mobilenet", kVision, kWide, on_image<mobilenet_v3>, "MobileNet v3, small", "0.9"},
    {"mobilenet_v3_large", "mobilenet", kVision, kWide, on_image<mobilenet_v3>, "MobileNet v3, large", "0.9"},
    {"mnasnet0_5", "mnasnet", kVision, k224, on_image<mnasnet>, "MnasNet, half width"},
    {"mnasnet0_75", "mnasnet", kVision, k224, on_image<mnasnet>, "MnasNet, three quarters of the width"},
    {"mnasnet1_0", "mnasnet", kVision, k224, on_image<mnasnet>, "MnasNet"},
    {"mnasnet1_3", "mnasnet", kVision, k224, on_image<mnasnet>, "MnasNet, 1.3 times the width"},
    {"proxylessnas", "proxylessnas", "its authors", k224, on_image<proxylessnas>,
     "ProxylessNAS found for phones"},
    {"shufflenet_v2_x0_5", "shufflenet", kVision, k224, on_image<shufflenet_v2>, "ShuffleNet v2, half width"},
    {"shufflenet_v2_x1_0", "shufflenet", kVision, k224, on_image<shufflenet_v2>, "ShuffleNet v2"},
    {"shufflenet_v2_x1_5", "shufflenet", kVision, k224, on_image<shufflenet_v2>,
     "ShuffleNet v2, 1.5 times the width"},
    {"shufflenet_v2_x2_0", "shufflenet", kVision, k224, on_image<shufflenet_v2>,
     "ShuffleNet v2, twice the width"},
    {"efficientnet_b0", "efficientnet", kVision, k224, on_image<efficientnet>, "EfficientNet B0"},
    {"efficientnet_b1", "efficientnet", kVision, "resolution=240&classes=1000", on_image<efficientnet>,
     "EfficientNet B1"},
    {"efficientnet_b2", "efficientnet", kVision, "resolution=288&classes=1000", on_image<efficientnet>,
     "EfficientNet B2"},
    {"efficientnet_b3", "efficientnet", kVision, "resolution=300&classes=1000", on_image<efficientnet>,
     "EfficientNet B3"},
    {"efficientnet_b4", "efficientnet", kVision, "resolution=380&classes=1000", on_image<efficientnet>,
     "EfficientNet B4"},
    {"efficientnet_b5", "efficientnet", kVision, "resolution=456&classes=1000", on_image<efficientnet>,
     "EfficientNet B5"},
    {"efficientnet_b6", "efficientnet", kVision, "resolution=528&classes=1000", on_image<efficientnet>,
     "EfficientNet B6"},
    {"efficientnet_b7", "efficientnet", kVision, "resolution=600&classes=1000", on_image<efficientnet>,
     "EfficientNet B7"},
    {"efficientnet_lite0", "efficientnet", kTimm, k224, on_image<efficientnet_lite>, "EfficientNet Lite 0"},
    {"efficientnet_lite1", "efficientnet", kTimm, "resolution=240&classes=1000", on_image<efficientnet_lite>,
     "EfficientNet Lite 1"},
    {"efficientnet_lite2", "efficientnet", kTimm, "resolution=260&classes=1000", on_image<efficientnet_lite>,
     "EfficientNet Lite 2"},
    {"efficientnet_lite3", "efficientnet", kTimm, "resolution=300&classes=1000", on_image<efficientnet_lite>,
     "EfficientNet Lite 3"},
    {"efficientnet_lite4", "efficientnet", kTimm, "resolution=380&classes=1000", on_image<efficientnet_lite>,
     "EfficientNet Lite 4"},
    {"regnet_x_400mf", "regnet", kVision, k224, on_image<regnet>, "RegNet X, 0.4 GMACs"},
    {"regnet_x_800mf", "regnet", kVision, k224, on_image<regnet>, "RegNet X, 0.8 GMACs"},
    {"regnet_x_1_6gf", "regnet", kVision, k224, on_image<regnet>, "RegNet X, 1.6 GMACs"},
    {"regnet_x_3_2gf", "regnet", kVision, k224, on_image<regnet>, "RegNet X, 3.2 GMACs"},
    {"regnet_x_8gf", "regnet", kVision, k224, on_image<regnet>, "RegNet X, 8 GMACs"},
    {"regnet_x_16gf", "regnet", kVision, k224, on_image<regnet>, "RegNet X, 16 GMACs"},
    {"regnet_x_32gf", "regnet", kVision, k224, on_image<regnet>, "RegNet X, 32 GMACs"},
    {"regnet_y_400mf", "regnet", kVision, k224, on_image<regnet>,
     "RegNet Y, 0.4 GMACs, squeeze-and-excitation"},
    {"regnet_y_800mf", "regnet", kVision, k224, on_image<regnet>,
     "RegNet Y, 0.8 GMACs, squeeze-and-excitation"},
    {"regnet_y_1_6gf", "regnet", kVision, k224, on_image<regnet>,
     "RegNet Y, 1.6 GMACs, squeeze-and-excitation"},
    {"regnet_y_3_2gf", "regnet", kVision, k224, on_image<regnet>,
     "RegNet Y, 3.2 GMACs, squeeze-and-excitation"},
    {"regnet_y_8gf", "regnet", kVision, k224, on_image<regnet>, "RegNet Y, 8 GMACs, squeeze-and-excitation"},
    {"regnet_y_16gf", "regnet", kVision, k224, on_image<regnet>,
     "RegNet Y, 16 GMACs, squeeze-and-excitation"},
    {"regnet_y_32gf", "regnet", kVision, k224, on_image<regnet>,
     "RegNet Y, 32 GMACs, squeeze-and-excitation"},
    {"convnext_tiny", "convnext", kVision, k224, on_image<convnext>, "ConvNeXt, tiny"},
    {"convnext_small", "convnext", kVision, k224, on_image<convnext>, "ConvNeXt, small"},
    {"convnext_base", "convnext", kVision, k224, on_image<convnext>, "ConvNeXt, base"},
    {"convnext_large", "convnext", kVision, k224, on_image<convnext>, "ConvNeXt, large"},
};

}  // namespace

std::span<const Entry> registry() {
  return kEntries;
}

}  // namespace foretime::zoo
