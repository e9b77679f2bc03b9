// Networks made to measure devices with, not to be trained: twelve AlexNets whose middle part is deep and
// narrow, shallow and wide, of large kernels or small, at (nearly) the same number of multiply-adds; two
// equal branches that a device may overlap; one convolution between two fixed ones.

#include <array>
#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

/// `count` convolutions of `channels`, then, where `last_kernel` is not 0, one of 256.
struct Middle {
  std::string_view name;
  int count;
  std::int64_t kernel;
  std::int64_t channels;
  std::int64_t last_kernel = 0;
  std::int64_t pool_kernel = 3;
  std::int64_t pool_stride = 3;
};
constexpr std::array kMiddles{
    Middle{"alexnet_bs", 3, 3, 256},       Middle{"alexnet_p2", 3, 3, 256, 0, 8, 2},
    Middle{"alexnet_fd2", 6, 2, 256},      Middle{"alexnet_fd5", 1, 5, 256},
    Middle{"alexnet_fw1", 2, 1, 874, 3},   Middle{"alexnet_fw5", 2, 5, 128, 5},
    Middle{"alexnet_wd8", 5, 3, 160, 3},   Middle{"alexnet_wd11", 8, 3, 128, 3},
    Middle{"alexnet_wd13", 10, 3, 110, 3}, Middle{"alexnet_wd18", 15, 3, 96, 3},
    Middle{"alexnet_wd25", 22, 3, 80, 3},  Middle{"alexnet_wd38", 35, 3, 64, 3},
};

/// Convolution with TensorFlow's SAME padding and ReLU.
Value conv_relu(const Value& x, const std::string& name, std::int64_t out, std::int64_t kernel) {
  const ConvOptions options{.out = out, .kernel = kernel, .same_upper = true, .bias = true};
  return relu(conv(x, "conv" + name, options), "relu" + name);
}

Value middle_part(Value x, const Middle& middle) {
  constexpr std::int64_t kOut = 256;
  int number = 0;
  const auto next = [&] { return "3_" + std::to_string(++number); };
  for (int i = 0; i < middle.count; ++i) x = conv_relu(x, next(), middle.channels, middle.kernel);
  return middle.last_kernel == 0 ? x : conv_relu(x, next(), kOut, middle.last_kernel);
}

/// The linear layers as convolutions.
Value head(Value x, std::int64_t classes) {
  x = relu(conv(x, "fc6", {.out = 4096, .kernel = {x.height(), x.width()}, .pad = 0, .bias = true}), "relu6");
  x = relu(conv(x, "fc7", {.out = 4096, .bias = true}), "relu7");
  return softmax(flatten(conv(x, "fc8", {.out = classes, .bias = true})), -1);
}

}  // namespace

Value alexnet_variant(const Value& image, const Request& request) {
  const Middle& middle = variant_named(kMiddles, request.name);
  Value x =
      relu(conv(image, "conv1", {.out = 64, .kernel = 7, .stride = 2, .pad = 0, .bias = true}), "relu1");
  x = max_pool(x, "pool1", {.kernel = 3});
  x = max_pool(conv_relu(x, "2", 128, 5), "pool2", {.kernel = 2});
  x = middle_part(x, middle);
  x = max_pool(x, "pool5", {.kernel = middle.pool_kernel, .stride = middle.pool_stride});
  return head(x, request.classes);
}

Value two_branches(const Value& image, const Request& request) {
  Request single = request;
  single.name = request.name == "two_alexnet" ? "alexnet" : "squeezenet1_1";
  std::vector<Value> answers;
  for (const char* branch : {"first", "second"}) {
    const Scope scope(*image.net, branch);
    answers.push_back(single.name == "alexnet" ? alexnet(image, single) : squeezenet(image, single));
  }
  return mul(add(answers[0], answers[1]), image.net->scalar(0.5f));
}

Value conv_sweep(const Value& image, const Request& request) {
  constexpr std::int64_t kAround = 32;
  Value x = conv(image, "before", {.out = kAround, .kernel = 3, .stride = 2, .bias = true});
  if (request.depth > 0) {
    const ConvOptions probed{
        .out = request.depth, .kernel = request.kernel, .same_upper = true, .bias = true};
    x = conv(x, "probed", probed);
  }
  return conv(x, "after", {.out = kAround, .bias = true});
}

}  // namespace foretime::zoo
