#include "zoo/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace foretime::zoo {
namespace {

/// Padding before and after along one axis, and the size that comes out.
struct Axis {
  std::int64_t before = 0;
  std::int64_t after = 0;
  std::int64_t out = 0;
};

Axis padded_axis(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t before,
                 std::int64_t after) {
  const std::int64_t room = in + before + after - kernel;
  return {before, after, room < 0 ? 0 : room / stride + 1};
}

Axis same_upper_axis(std::int64_t in, std::int64_t reach, std::int64_t stride) {
  const std::int64_t out = (in + stride - 1) / stride;
  const std::int64_t missing = std::max<std::int64_t>(0, (out - 1) * stride + reach - in);
  return padded_axis(in, reach, stride, missing / 2, missing - missing / 2);
}

Axis conv_axis(const ConvOptions& options, std::int64_t in, std::int64_t kernel, std::int64_t pad) {
  const std::int64_t reach = options.dilation * (kernel - 1) + 1;
  if (options.same_upper) return same_upper_axis(in, reach, options.stride);
  const std::int64_t each = options.pad ? pad : (reach - 1) / 2;
  return padded_axis(in, reach, options.stride, each, each);
}

Axis pool_axis(const PoolOptions& options, std::int64_t in, std::int64_t kernel) {
  const std::int64_t stride = options.stride == 0 ? kernel : options.stride;
  if (options.same_upper) return same_upper_axis(in, kernel, stride);
  const std::int64_t room = in + 2 * options.pad - kernel;
  Axis axis{options.pad, options.pad, room < 0 ? 0 : room / stride + 1};
  // A window that hangs over the edge must not begin behind the last element.
  const bool rest = room > 0 && room % stride != 0;
  if (options.ceil_mode && rest && axis.out * stride < in + options.pad) ++axis.out;
  return axis;
}

void check_size(const Value& x, std::initializer_list<std::int64_t> out) {
  if (std::all_of(out.begin(), out.end(), [](std::int64_t size) { return size > 0; })) return;
  x.net->fail(fmt::format("its kernel does not fit on an input of {}", fmt::join(x.sizes, "x")),
              "a larger input");
}

using Integers = std::vector<std::int64_t>;

Value conv_1d(const Value& x, const ConvOptions& options, Operation operation) {
  const std::int64_t kernel = options.kernel.width;
  const Axis axis = conv_axis(options, x.sizes[2], kernel, options.pad ? options.pad->width : 0);
  check_size(x, {axis.out});
  operation.attributes = {{"dilations", Integers{options.dilation}},
                          {"group", options.groups},
                          {"kernel_shape", Integers{kernel}},
                          {"pads", Integers{axis.before, axis.after}},
                          {"strides", Integers{options.stride}}};
  return x.net->append(std::move(operation), {x.batch(), options.out, axis.out});
}

Value conv_2d(const Value& x, const ConvOptions& options, Operation operation) {
  const Window kernel = options.kernel;
  const Window pad = options.pad.value_or(0);
  const Axis rows = conv_axis(options, x.height(), kernel.height, pad.height);
  const Axis columns = conv_axis(options, x.width(), kernel.width, pad.width);
  check_size(x, {rows.out, columns.out});
  operation.attributes = {{"dilations", Integers{options.dilation, options.dilation}},
                          {"group", options.groups},
                          {"kernel_shape", Integers{kernel.height, kernel.width}},
                          {"pads", Integers{rows.before, columns.before, rows.after, columns.after}},
                          {"strides", Integers{options.stride, options.stride}}};
  return x.net->append(std::move(operation), {x.batch(), options.out, rows.out, columns.out});
}

Value pool(const Value& x, const char* op, const PoolOptions& options, Attributes attributes = {}) {
  const Axis rows = pool_axis(options, x.height(), options.kernel.height);
  const Axis columns = pool_axis(options, x.width(), options.kernel.width);
  check_size(x, {rows.out, columns.out});
  const Window stride = options.stride == 0 ? options.kernel : Window(options.stride);
  attributes.set("ceil_mode", std::int64_t{options.ceil_mode});
  attributes.set("kernel_shape", Integers{options.kernel.height, options.kernel.width});
  attributes.set("pads", Integers{rows.before, columns.before, rows.after, columns.after});
  attributes.set("strides", Integers{stride.height, stride.width});
  return x.net->append({op, {x.id}, std::move(attributes)}, {x.batch(), x.channels(), rows.out, columns.out});
}

/// The kernel and stride that do what adaptive pooling does, if one pair does it: window i of it spans
/// [floor(i * in / out), ceil((i + 1) * in / out)).
std::optional<PoolOptions> regular_pool(std::int64_t in, std::int64_t out) {
  const std::int64_t stride = std::max<std::int64_t>(1, in / out);
  const std::int64_t kernel = in - (out - 1) * stride;
  for (std::int64_t i = 0; i < out; ++i) {
    const std::int64_t begin = i * in / out;
    const std::int64_t end = ((i + 1) * in + out - 1) / out;
    if (begin != i * stride || end - begin != kernel) return std::nullopt;
  }
  return PoolOptions{.kernel = kernel, .stride = stride};
}

Value normalize(const Value& x, float epsilon) {
  const std::int64_t width = x.sizes.back();
  const Value weight = x.net->parameter("weight", {width});
  const Value bias = x.net->parameter("bias", {width});
  Attributes attributes{{"axis", std::int64_t{-1}}, {"epsilon", epsilon}};
  return x.net->append({"LayerNormalization", {x.id, weight.id, bias.id}, std::move(attributes)}, x.sizes);
}

std::string_view class_of(Activation which) {
  switch (which) {
    case Activation::none:
      return "Identity";
    case Activation::relu:
      return "ReLU";
    case Activation::relu6:
      return "ReLU6";
    case Activation::leaky_relu:
      return "LeakyReLU";
    case Activation::hardswish:
      return "Hardswish";
    case Activation::hardsigmoid:
      return "Hardsigmoid";
    case Activation::sigmoid:
      return "Sigmoid";
    case Activation::silu:
      return "SiLU";
    case Activation::gelu:
      return "GELU";
    case Activation::gelu_tanh:
      return "NewGELUActivation";
    case Activation::tanh:
      return "Tanh";
  }
  return {};
}

}  // namespace

Value conv(const Value& x, std::string_view name, const ConvOptions& options) {
  const Scope scope(*x.net, name, options.leaf_class);
  const bool image = x.rank() == 4;
  Sizes weight_sizes{options.out, x.sizes[1] / options.groups};
  if (image) weight_sizes.push_back(options.kernel.height);
  weight_sizes.push_back(options.kernel.width);
  Operation operation{"Conv", {x.id, x.net->parameter("weight", std::move(weight_sizes)).id}};
  if (options.bias) operation.inputs.push_back(x.net->parameter("bias", {options.out}).id);
  return image ? conv_2d(x, options, std::move(operation)) : conv_1d(x, options, std::move(operation));
}

Value batch_norm(const Value& x, std::string_view name, float epsilon, std::string_view leaf_class) {
  const Scope scope(*x.net, name, leaf_class);
  Operation operation{"BatchNormalization", {x.id}, {{"epsilon", epsilon}}};
  for (const char* learnt : {"weight", "bias"}) {
    operation.inputs.push_back(x.net->parameter(learnt, {x.sizes[1]}).id);
  }
  for (const char* running : {"running_mean", "running_var"}) {
    operation.inputs.push_back(x.net->buffer(running, {x.sizes[1]}).id);
  }
  return x.net->append(std::move(operation), x.sizes);
}

Value activation(const Value& x, std::string_view name, Activation which, std::string_view leaf_class) {
  const Scope scope(*x.net, name, leaf_class.empty() ? class_of(which) : leaf_class);
  return activate(x, which);
}

Value relu(const Value& x, std::string_view name) {
  return activation(x, name, Activation::relu);
}

Value linear(const Value& x, std::string_view name, std::int64_t out, const LinearOptions& options) {
  const Scope scope(*x.net, name, options.leaf_class);
  const std::int64_t in = x.sizes.back();
  if (x.rank() == 2) {
    Operation operation{
        "Gemm", {x.id, x.net->parameter("weight", {out, in}).id}, {{"transB", std::int64_t{1}}}};
    if (options.bias) operation.inputs.push_back(x.net->parameter("bias", {out}).id);
    return x.net->append(std::move(operation), {x.batch(), out});
  }
  const Value product = matmul(x, x.net->parameter("weight", {in, out}));
  return options.bias ? add(product, x.net->parameter("bias", {out})) : product;
}

Value max_pool(const Value& x, const PoolOptions& options) {
  return pool(x, "MaxPool", options);
}

Value max_pool(const Value& x, std::string_view name, const PoolOptions& options) {
  const Scope scope(*x.net, name, "MaxPool2d");
  return max_pool(x, options);
}

Value avg_pool(const Value& x, const PoolOptions& options) {
  return pool(x, "AveragePool", options, {{"count_include_pad", std::int64_t{1}}});
}

Value avg_pool(const Value& x, std::string_view name, const PoolOptions& options) {
  const Scope scope(*x.net, name, "AvgPool2d");
  return avg_pool(x, options);
}

Value adaptive_avg_pool(const Value& x, std::string_view name, std::int64_t size) {
  const Scope scope(*x.net, name, "AdaptiveAvgPool2d");
  if (size == 1) return global_average_pool(x);
  const auto regular = x.height() == x.width() ? regular_pool(x.height(), size) : std::nullopt;
  if (!regular) {
    x.net->fail(fmt::format("no regular pooling turns {}x{} into {}x{}", x.height(), x.width(), size, size),
                "a resolution that leaves a multiple of it here");
  }
  return avg_pool(x, *regular);
}

Value dropout(const Value& x, std::string_view name) {
  const Scope scope(*x.net, name, "Dropout");
  return x.net->append({"Dropout", {x.id}}, x.sizes);
}

Value identity(const Value& x, std::string_view name, std::string_view leaf_class) {
  const Scope scope(*x.net, name, leaf_class);
  return x.net->append({"Identity", {x.id}}, x.sizes);
}

Value permute(const Value& x, std::string_view name, const std::vector<std::int64_t>& order) {
  const Scope scope(*x.net, name, "Permute");
  return transpose(x, order);
}

Value flatten(const Value& x, std::string_view name) {
  const Scope scope(*x.net, name, "Flatten");
  return flatten(x);
}

Value layer_norm(const Value& x, std::string_view name, float epsilon) {
  const Scope scope(*x.net, name, "LayerNorm");
  return normalize(x, epsilon);
}

Value layer_norm_2d(const Value& x, std::string_view name, float epsilon) {
  const Scope scope(*x.net, name, "LayerNorm2d");
  return transpose(normalize(transpose(x, {0, 2, 3, 1}), epsilon), {0, 3, 1, 2});
}

Value embedding(const Value& ids, std::string_view name, std::int64_t rows, std::int64_t width) {
  const Scope scope(*ids.net, name, "Embedding");
  return gather(ids.net->parameter("weight", {rows, width}), ids);
}

}  // namespace foretime::zoo
