#include "zoo/sweep_layers.h"

#include <algorithm>
#include <array>

#include "zoo/layers.h"

namespace foretime::zoo {
namespace {

using Name = std::string_view;
using Columns = const SweepColumns&;

Value convolved(const Value& x, Name name, Columns columns, std::int64_t out, std::int64_t kernel,
                std::int64_t groups) {
  return conv(x, name,
              {.out = out,
               .kernel = kernel,
               .stride = columns.at("stride"),
               .groups = groups,
               .dilation = columns.at("dilation"),
               .bias = true});
}
Value dense(const Value& x, Name name, Columns columns) {
  return convolved(x, name, columns, columns.at("filters"), columns.at("k_size"), 1);
}
Value depthwise(const Value& x, Name name, Columns columns) {
  return convolved(x, name, columns, x.channels(), columns.at("k_size"), x.channels());
}
Value pointwise(const Value& x, Name name, Columns columns) {
  return conv(x, name, {.out = columns.at("filters"), .bias = true});
}
Value transposed(const Value& x, Name name, Columns columns) {
  const std::int64_t kernel = columns.at("k_size");
  const std::int64_t stride = columns.at("stride");
  const std::int64_t filters = columns.at("filters");
  const Scope scope(*x.net, name, "ConvTranspose2d");
  const Value weight = x.net->parameter("weight", {x.channels(), filters, kernel, kernel});
  return x.net->append(
      {"ConvTranspose",
       {x.id, weight.id},
       {{"kernel_shape", std::vector{kernel, kernel}}, {"strides", std::vector{stride, stride}}}},
      {x.batch(), filters, (x.height() - 1) * stride + kernel, (x.width() - 1) * stride + kernel});
}
PoolOptions window(Columns columns) {
  return {.kernel = columns.at("k_size"), .stride = columns.at("stride"), .same_upper = true};
}
Value maximum(const Value& x, Name name, Columns columns) {
  return max_pool(x, name, window(columns));
}
Value average(const Value& x, Name name, Columns columns) {
  return avg_pool(x, name, window(columns));
}
Value global(const Value& x, Name name, Columns) {
  return adaptive_avg_pool(x, name, 1);
}
Value product(const Value& x, Name name, Columns columns) {
  return linear(x.rank() == 2 ? x : flatten(x), name, columns.at("filters"));
}
/// A second tensor of the same size, from outside.
Value other(const Value& x, Name name) {
  return x.net->input(std::string(name) + "_operand", x.sizes);
}
Value sum(const Value& x, Name name, Columns) {
  const Value operand = other(x, name);
  const Scope scope(*x.net, name);
  return add(x, operand);
}
Value joined(const Value& x, Name name, Columns) {
  const Value operand = other(x, name);
  const Scope scope(*x.net, name);
  return concat({x, operand}, 1);
}
Value normalized(const Value& x, Name name, Columns) {
  return batch_norm(x, name);
}
Value probabilities(const Value& x, Name name, Columns) {
  const Scope scope(*x.net, name);
  return softmax(x, x.rank() == 2 ? -1 : 1);
}
template <Activation Which>
Value activated(const Value& x, Name name, Columns) {
  return activation(x, name, Which);
}

constexpr std::array<SweepLayer, 19> kLayers = {{
    {"conv", true, dense},
    {"depthwise_conv", true, depthwise},
    {"pointwise_conv", true, pointwise},
    {"conv_transpose", true, transposed},
    {"max_pool", true, maximum},
    {"avg_pool", true, average},
    {"global_pool", true, global},
    {"batch_norm", true, normalized},
    {"fully_connected", false, product},
    {"add", false, sum},
    {"concat", false, joined},
    {"softmax", false, probabilities},
    {"relu", false, activated<Activation::relu>},
    {"relu6", false, activated<Activation::relu6>},
    {"leaky_relu", false, activated<Activation::leaky_relu>},
    {"sigmoid", false, activated<Activation::sigmoid>},
    {"tanh", false, activated<Activation::tanh>},
    {"silu", false, activated<Activation::silu>},
    {"hardswish", false, activated<Activation::hardswish>},
}};

}  // namespace

const SweepLayer* sweep_layer(std::string_view name) {
  const auto found =
      std::find_if(kLayers.begin(), kLayers.end(), [&](const SweepLayer& each) { return each.name == name; });
  return found == kLayers.end() ? nullptr : &*found;
}

std::vector<std::string> sweep_layers() {
  std::vector<std::string> names;
  for (const SweepLayer& each : kLayers) names.emplace_back(each.name);
  return names;
}

}  // namespace foretime::zoo
