// GoogLeNet as used after training: with batch normalisation, without the auxiliary heads.

#include <array>
#include <string_view>

#include "zoo/families.h"
#include "zoo/inception.h"
#include "zoo/layers.h"

namespace foretime::zoo {
namespace {

/// Channels of a module's convolutions; the pooling that comes after the module, if any.
struct Mixed {
  std::string_view name;
  std::int64_t one;                    // branch1: 1x1
  std::int64_t three_in, three;        // branch2: 1x1, 3x3
  std::int64_t five_in, five;          // branch3: 1x1 and what the paper has as 5x5, here 3x3
  std::int64_t pool;                   // branch4: pooling, 1x1
  std::int64_t pool_kernel_after = 0;  // 0: none
};
constexpr std::array kModules{
    Mixed{"inception3a", 64, 96, 128, 16, 32, 32},        Mixed{"inception3b", 128, 128, 192, 32, 96, 64, 3},
    Mixed{"inception4a", 192, 96, 208, 16, 48, 64},       Mixed{"inception4b", 160, 112, 224, 24, 64, 64},
    Mixed{"inception4c", 128, 128, 256, 24, 64, 64},      Mixed{"inception4d", 112, 144, 288, 32, 64, 64},
    Mixed{"inception4e", 256, 160, 320, 32, 128, 128, 2}, Mixed{"inception5a", 256, 160, 320, 32, 128, 128},
    Mixed{"inception5b", 384, 192, 384, 48, 128, 128},
};

Value mixed(const Value& x, const Mixed& m) {
  const Scope scope(*x.net, m.name);
  const Value one = basic_conv(x, "branch1", {.out = m.one});
  const Value three =
      basic_conv(basic_conv(x, "branch2.0", {.out = m.three_in}), "branch2.1", {.out = m.three, .kernel = 3});
  const Value five =
      basic_conv(basic_conv(x, "branch3.0", {.out = m.five_in}), "branch3.1", {.out = m.five, .kernel = 3});
  const Value pooled = max_pool(x, "branch4.0", {.kernel = 3, .stride = 1, .pad = 1, .ceil_mode = true});
  return concat({one, three, five, basic_conv(pooled, "branch4.1", {.out = m.pool})}, 1);
}

}  // namespace

Value googlenet(const Value& image, const Request& request) {
  const PoolOptions pool{.kernel = 3, .stride = 2, .ceil_mode = true};
  Value x = basic_conv(image, "conv1", {.out = 64, .kernel = 7, .stride = 2});
  x = max_pool(x, "maxpool1", pool);
  x = basic_conv(x, "conv2", {.out = 64});
  x = basic_conv(x, "conv3", {.out = 192, .kernel = 3});
  x = max_pool(x, "maxpool2", pool);
  int pools = 2;
  for (const Mixed& module : kModules) {
    x = mixed(x, module);
    if (module.pool_kernel_after == 0) continue;
    const std::string name = "maxpool" + std::to_string(++pools);
    x = max_pool(x, name, {.kernel = module.pool_kernel_after, .stride = 2, .ceil_mode = true});
  }
  x = flatten(adaptive_avg_pool(x, "avgpool", 1));
  return linear(dropout(x, "dropout"), "fc", request.classes);
}

}  // namespace foretime::zoo
