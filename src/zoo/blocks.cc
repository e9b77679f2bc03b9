#include "zoo/blocks.h"

#include <algorithm>

namespace foretime::zoo {

Value conv_norm_act(const Value& x, std::string_view name, const ConvOptions& options, Activation which,
                    float epsilon) {
  const Scope scope(*x.net, name);
  const Value y = batch_norm(conv(x, "0", options), "1", epsilon);
  return which == Activation::none ? y : activation(y, "2", which);
}

Value squeeze_excite(const Value& x, std::string_view name, const SqueezeExcite& options) {
  const Scope scope(*x.net, name);
  Value y = adaptive_avg_pool(x, "avgpool", 1);
  y = conv(y, "fc1", {.out = options.channels, .bias = true});
  y = activation(y, "activation", options.inner);
  y = conv(y, "fc2", {.out = x.channels(), .bias = true});
  return mul(activation(y, "scale_activation", options.gate), x);
}

std::int64_t round_channels(double channels) {
  constexpr std::int64_t kMultiple = 8;
  const auto rounded = static_cast<std::int64_t>(channels + kMultiple / 2.0) / kMultiple * kMultiple;
  const std::int64_t at_least = std::max(kMultiple, rounded);
  return static_cast<double>(at_least) < 0.9 * channels ? at_least + kMultiple : at_least;
}

}  // namespace foretime::zoo
