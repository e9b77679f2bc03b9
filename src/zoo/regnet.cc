// RegNet: the widths of all blocks follow from four numbers (Radosavovic et al., "Designing Network Design
// Spaces", 2020, section 3.3): block j wants width w0 + wa * j, which is rounded to w0 * wm^k with a whole k
// and then to a multiple of 8. Blocks of equal width form a stage.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "zoo/blocks.h"
#include "zoo/families.h"
#include "zoo/variants.h"

namespace foretime::zoo {
namespace {

struct Variant {
  std::string_view name;
  int depth;  // blocks in all
  double w0;
  double wa;
  double wm;
  std::int64_t group_width;
  bool squeeze = false;  // the Y networks
};
constexpr std::array kVariants{
    Variant{"regnet_x_400mf", 22, 24, 24.48, 2.54, 16},
    Variant{"regnet_x_800mf", 16, 56, 35.73, 2.28, 16},
    Variant{"regnet_x_1_6gf", 18, 80, 34.01, 2.25, 24},
    Variant{"regnet_x_3_2gf", 25, 88, 26.31, 2.25, 48},
    Variant{"regnet_x_8gf", 23, 80, 49.56, 2.88, 120},
    Variant{"regnet_x_16gf", 22, 216, 55.59, 2.1, 128},
    Variant{"regnet_x_32gf", 23, 320, 69.86, 2.0, 168},
    Variant{"regnet_y_400mf", 16, 48, 27.89, 2.09, 8, true},
    Variant{"regnet_y_800mf", 14, 56, 38.84, 2.4, 16, true},
    Variant{"regnet_y_1_6gf", 27, 48, 20.71, 2.65, 24, true},
    Variant{"regnet_y_3_2gf", 21, 80, 42.63, 2.66, 24, true},
    Variant{"regnet_y_8gf", 17, 192, 76.82, 2.19, 56, true},
    Variant{"regnet_y_16gf", 18, 200, 106.23, 2.48, 112, true},
    Variant{"regnet_y_32gf", 20, 232, 115.89, 2.53, 232, true},
};

struct Stage {
  std::int64_t width = 0;
  std::int64_t groups = 1;
  int blocks = 0;
};

/// The width made to fit whole groups.
Stage stage_of(std::int64_t width, std::int64_t group_width) {
  const std::int64_t group = std::min(group_width, width);
  std::int64_t fitting = std::max(group, (width + group / 2) / group * group);
  if (static_cast<double>(fitting) < 0.9 * static_cast<double>(width)) fitting += group;
  return {fitting, fitting / group, 0};
}

std::vector<Stage> stages(const Variant& variant) {
  std::vector<Stage> out;
  std::int64_t last = 0;
  for (int j = 0; j < variant.depth; ++j) {
    const double wanted = variant.w0 + variant.wa * j;
    const double power = std::round(std::log(wanted / variant.w0) / std::log(variant.wm));
    const auto width =
        static_cast<std::int64_t>(std::nearbyint(variant.w0 * std::pow(variant.wm, power) / 8)) * 8;
    if (width != last) out.push_back(stage_of(width, variant.group_width));
    last = width;
    ++out.back().blocks;
  }
  return out;
}

Value transform(const Value& x, const Stage& stage, std::int64_t stride, bool squeeze) {
  const Scope scope(*x.net, "f");
  Value y = conv_norm_act(x, "a", {.out = stage.width}, Activation::relu);
  const ConvOptions grouped{.out = stage.width, .kernel = 3, .stride = stride, .groups = stage.groups};
  y = conv_norm_act(y, "b", grouped, Activation::relu);
  if (squeeze) {
    const auto inner = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(x.channels()) / 4));
    y = squeeze_excite(y, "se", {.channels = inner});
  }
  return conv_norm_act(y, "c", {.out = stage.width}, Activation::none);
}

Value block(const Value& x, const Stage& stage, std::int64_t stride, bool squeeze) {
  Value kept = x;
  if (stride != 1 || x.channels() != stage.width) {
    kept = conv_norm_act(x, "proj", {.out = stage.width, .stride = stride}, Activation::none);
  }
  return relu(add(kept, transform(x, stage, stride, squeeze)), "activation");
}

}  // namespace

Value regnet(const Value& image, const Request& request) {
  const Variant& variant = variant_named(kVariants, request.name);
  Value x = conv_norm_act(image, "stem", {.out = 32, .kernel = 3, .stride = 2}, Activation::relu);
  int number = 0;
  for (const Stage& stage : stages(variant)) {
    const std::string name = "block" + std::to_string(++number);
    for (int i = 0; i < stage.blocks; ++i) {
      const Scope scope(*x.net, "trunk_output." + name + "." + name + "-" + std::to_string(i));
      x = block(x, stage, i == 0 ? 2 : 1, variant.squeeze);
    }
  }
  return linear(flatten(adaptive_avg_pool(x, "avgpool", 1)), "fc", request.classes);
}

}  // namespace foretime::zoo
