#include "zoo/functions.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace foretime::zoo {
namespace {

std::size_t axis_of(const Value& x, int axis) {
  return static_cast<std::size_t>(axis < 0 ? axis + static_cast<int>(x.rank()) : axis);
}

std::int64_t count(const Sizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
}

Sizes broadcast(const Sizes& a, const Sizes& b) {
  Sizes out = a.size() >= b.size() ? a : b;
  const Sizes& shorter = a.size() >= b.size() ? b : a;
  const std::size_t offset = out.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) out[offset + i] = std::max(out[offset + i], shorter[i]);
  return out;
}

Value unary(const Value& x, const char* op, Attributes attributes = {}) {
  return x.net->append({op, {x.id}, std::move(attributes)}, x.sizes, x.dtype);
}

Value binary(const char* op, const Value& a, const Value& b) {
  return a.net->append({op, {a.id, b.id}}, broadcast(a.sizes, b.sizes), a.dtype);
}

}  // namespace

Value activate(const Value& x, Activation activation) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return unary(x, "Relu");
    case Activation::relu6:
      return x.net->append({"Clip", {x.id, x.net->scalar(0).id, x.net->scalar(6).id}}, x.sizes);
    case Activation::leaky_relu:
      return unary(x, "LeakyRelu", {{"alpha", 0.1f}});
    case Activation::hardswish:
      return unary(x, "HardSwish");
    case Activation::hardsigmoid:
      return unary(x, "HardSigmoid", {{"alpha", 1.0f / 6}, {"beta", 0.5f}});
    case Activation::sigmoid:
      return unary(x, "Sigmoid");
    case Activation::silu:
      return mul(x, unary(x, "Sigmoid"));
    case Activation::gelu:
      return unary(x, "Gelu");
    case Activation::gelu_tanh:
      return unary(x, "Gelu", {{"approximate", std::string("tanh")}});
    case Activation::tanh:
      return unary(x, "Tanh");
  }
  return x;
}

Value add(const Value& a, const Value& b) {
  return binary("Add", a, b);
}
Value mul(const Value& a, const Value& b) {
  return binary("Mul", a, b);
}
Value div(const Value& a, const Value& b) {
  return binary("Div", a, b);
}

Value where(const Value& condition, const Value& a, const Value& b) {
  Sizes sizes = broadcast(condition.sizes, broadcast(a.sizes, b.sizes));
  return a.net->append({"Where", {condition.id, a.id, b.id}}, std::move(sizes));
}

Value matmul(const Value& a, const Value& b) {
  const Sizes a_batch(a.sizes.begin(), a.sizes.end() - 2);
  const Sizes b_batch(b.sizes.begin(), b.sizes.end() - 2);
  Sizes sizes = broadcast(a_batch, b_batch);
  sizes.push_back(a.sizes[a.rank() - 2]);
  sizes.push_back(b.sizes.back());
  return a.net->append({"MatMul", {a.id, b.id}}, std::move(sizes));
}

Value softmax(const Value& x, int axis) {
  return unary(x, "Softmax", {{"axis", std::int64_t{axis}}});
}

Value concat(const std::vector<Value>& parts, int axis) {
  const std::size_t at = axis_of(parts[0], axis);
  Operation operation{"Concat", {}, {{"axis", static_cast<std::int64_t>(at)}}};
  Sizes sizes = parts[0].sizes;
  sizes[at] = 0;
  for (const Value& part : parts) {
    operation.inputs.push_back(part.id);
    sizes[at] += part.sizes[at];
  }
  return parts[0].net->append(std::move(operation), std::move(sizes), parts[0].dtype);
}

std::vector<Value> split(const Value& x, int axis, const std::vector<std::int64_t>& parts) {
  const std::size_t at = axis_of(x, axis);
  std::vector<Sizes> sizes(parts.size(), x.sizes);
  for (std::size_t i = 0; i < parts.size(); ++i) sizes[i][at] = parts[i];
  Attributes attributes{{"axis", static_cast<std::int64_t>(at)}};
  return x.net->append({"Split", {x.id, x.net->integers(parts).id}, std::move(attributes)}, sizes);
}

std::vector<Value> halves(const Value& x, int axis) {
  const std::int64_t half = x.sizes[axis_of(x, axis)] / 2;
  return split(x, axis, {half, half});
}

Value slice(const Value& x, int axis, std::int64_t start, std::int64_t end, std::int64_t step) {
  const std::size_t at = axis_of(x, axis);
  Sizes sizes = x.sizes;
  sizes[at] = (end - start + step - 1) / step;
  Operation operation{"Slice", {x.id}};
  for (const std::int64_t value : {start, end, static_cast<std::int64_t>(at), step}) {
    operation.inputs.push_back(x.net->integers({value}).id);
  }
  return x.net->append(std::move(operation), std::move(sizes), x.dtype);
}

Value roll(const Value& x, int axis, std::int64_t by) {
  const std::int64_t size = x.sizes[axis_of(x, axis)];
  const std::int64_t cut = ((size - by) % size + size) % size;
  return concat({slice(x, axis, cut, size), slice(x, axis, 0, cut)}, axis);
}

Value gather(const Value& table, const Value& index) {
  Sizes sizes = index.sizes;
  sizes.insert(sizes.end(), table.sizes.begin() + 1, table.sizes.end());
  return table.net->append({"Gather", {table.id, index.id}}, std::move(sizes));
}

Value pick(const Value& x, int axis, std::int64_t index) {
  const std::size_t at = axis_of(x, axis);
  Sizes sizes = x.sizes;
  sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(at));
  const Value place = x.net->index_scalar(index);
  return x.net->append({"Gather", {x.id, place.id}, {{"axis", static_cast<std::int64_t>(at)}}},
                       std::move(sizes));
}

Value reshape(const Value& x, Sizes sizes) {
  // Joins or splits one axis to -1 where the batch goes through, so that the graph stays right for other
  // batches.
  Sizes target = sizes;
  if (!x.sizes.empty() && !sizes.empty() && sizes[0] == x.sizes[0]) {
    target[0] = 0;
  } else if (!sizes.empty() && count(sizes) > 0) {
    target[0] = -1;
  }
  return x.net->append({"Reshape", {x.id, x.net->integers(target).id}}, std::move(sizes), x.dtype);
}

Value transpose(const Value& x, const std::vector<std::int64_t>& order) {
  Sizes sizes;
  for (const std::int64_t axis : order) sizes.push_back(x.sizes[static_cast<std::size_t>(axis)]);
  return x.net->append({"Transpose", {x.id}, {{"perm", order}}}, std::move(sizes));
}

Value expand(const Value& x, Sizes sizes) {
  const TensorId target = x.net->integers(sizes).id;
  return x.net->append({"Expand", {x.id, target}}, std::move(sizes));
}

Value flatten(const Value& x) {
  const std::int64_t rest = count(x.sizes) / x.batch();
  return x.net->append({"Flatten", {x.id}, {{"axis", std::int64_t{1}}}}, {x.batch(), rest});
}

Value spatial_mean(const Value& x) {
  const Value axes = x.net->integers({2, 3});
  return x.net->append({"ReduceMean", {x.id, axes.id}, {{"keepdims", std::int64_t{0}}}},
                       {x.batch(), x.channels()});
}

Value global_average_pool(const Value& x) {
  return x.net->append({"GlobalAveragePool", {x.id}}, {x.batch(), x.channels(), 1, 1});
}

Value pad(const Value& x, int axis, std::int64_t before, std::int64_t after) {
  const std::size_t at = axis_of(x, axis);
  std::vector<std::int64_t> amounts(2 * x.rank(), 0);
  amounts[at] = before;
  amounts[x.rank() + at] = after;
  Sizes sizes = x.sizes;
  sizes[at] += before + after;
  return x.net->append({"Pad", {x.id, x.net->integers(amounts).id}}, std::move(sizes));
}

Value resize(const Value& x, std::int64_t height, std::int64_t width, const std::string& mode) {
  Sizes sizes{x.batch(), x.channels(), height, width};
  const Attributes attributes{{"mode", mode},
                              {"coordinate_transformation_mode", std::string("half_pixel")}};
  const TensorId target = x.net->integers(sizes).id;
  return x.net->append({"Resize", {x.id, kNoTensor, kNoTensor, target}, attributes}, std::move(sizes));
}

Value upsample(const Value& x, std::int64_t factor) {
  const Sizes sizes{x.batch(), x.channels(), x.height() * factor, x.width() * factor};
  const Attributes attributes{{"mode", std::string("nearest")},
                              {"coordinate_transformation_mode", std::string("asymmetric")},
                              {"nearest_mode", std::string("floor")}};
  return x.net->append({"Resize", {x.id, kNoTensor, kNoTensor, x.net->integers(sizes).id}, attributes},
                       sizes);
}

Value normalize_channels(const Value& x) {
  const Sizes lengths{x.batch(), 1, x.height(), x.width()};
  const Value length =
      x.net->append({"ReduceL2", {x.id, x.net->integers({1}).id}, {{"keepdims", std::int64_t{1}}}}, lengths);
  const Value positive = x.net->append({"Clip", {length.id, x.net->scalar(1e-12f).id}}, lengths);
  return div(x, positive);
}

}  // namespace foretime::zoo
