// Single layers at random sizes, as nn-Meter measures them; between two fixed convolutions, as ANNETTE does.

#include <algorithm>
#include <array>
#include <cmath>

#include "zoo/families.h"
#include "zoo/random.h"
#include "zoo/sweep.h"

namespace foretime::zoo {
namespace {

/// Numbers in an image.
constexpr double kMostImage = 1'600'000;

/// `images`: of layers that read and make images.
SweepNetwork random_layers(Dice& dice, bool images) {
  SweepNetwork network;
  std::string first = dice.one_of<const char*>({"conv",
                                                "conv",
                                                "conv",
                                                "pointwise_conv",
                                                "pointwise_conv",
                                                "depthwise_conv",
                                                "depthwise_conv",
                                                "fully_connected",
                                                "max_pool",
                                                "avg_pool",
                                                "global_pool",
                                                "batch_norm",
                                                "add",
                                                "concat",
                                                "relu",
                                                "sigmoid",
                                                "hardswish",
                                                "silu",
                                                "softmax",
                                                "conv_transpose"});
  if (images && first == "fully_connected") first = "pointwise_conv";
  network.layers = {first};
  const bool weighted = first.ends_with("conv") || first == "add";
  if (weighted && dice.chance(0.7))
    network.layers.emplace_back(dice.one_of<const char*>({"relu", "relu", "relu6", "hardswish", "silu"}));
  const std::int64_t side = first == "fully_connected"
                                ? dice.one_of<std::int64_t>({1, 1, 1, 6, 7})
                                : dice.one_of<std::int64_t>({7, 14, 28, 56, 112, dice.log_between(3, 224)});
  const double most = std::clamp(kMostImage / static_cast<double>(side * side), 16.0, 2048.0);
  const auto channels = [&] { return dice.log_between(8, static_cast<std::int64_t>(most)); };
  const std::int64_t in = channels();
  const bool widens =
      first == "conv" || first == "pointwise_conv" || first == "conv_transpose" || first == "fully_connected";
  network.columns = {{"batch_size", 1},
                     {"width", side},
                     {"height", side},
                     {"channels", in},
                     {"filters", widens ? channels() : in},
                     {"k_size", dice.one_of<std::int64_t>({1, 3, 3, 3, 5, 7})},
                     {"stride", side >= 4 ? dice.one_of<std::int64_t>({1, 1, 1, 2}) : 1},
                     {"dilation", 1}};
  return network;
}

}  // namespace

void random_kernel(Network& net, const Request& request) {
  Dice dice(static_cast<std::uint64_t>(request.around > 0 ? request.around : request.seed));
  SweepNetwork network = random_layers(dice, request.part > 0);
  if (request.around > 0) {  // nn-Meter's fine-grained sampling: channels of 0.4 to 1.2 times as many
    Dice near(static_cast<std::uint64_t>(request.seed));
    for (const char* column : {"channels", "filters"}) {
      std::int64_t& size = network.columns[column];
      size = std::max<std::int64_t>(1, std::llround(static_cast<double>(size) * (0.4 + 0.8 * near.unit())));
    }
  }
  constexpr std::array kParts = {SweepPart::whole, SweepPart::padded, SweepPart::padding};
  network.part = kParts[static_cast<std::size_t>(request.part)];
  append(net, network);
}

}  // namespace foretime::zoo
