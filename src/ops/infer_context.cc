#include "ops/infer_context.h"

#include <algorithm>
#include <utility>

#include "ops/infer.h"

namespace foretime::ops {
namespace {

// Files that state no version are taken to follow the newest rules.
constexpr std::int64_t kNewestOpset = 1000;

const TensorType kNoType;

}  // namespace

std::int64_t InferContext::opset() const {
  const std::int64_t version = graph_.opset(node_.domain);
  return version > 0 ? version : kNewestOpset;
}

bool InferContext::has(std::size_t input) const {
  return input < node_.inputs.size() && node_.inputs[input] != kNoTensor;
}

const TensorType& InferContext::type(std::size_t input) const {
  return has(input) ? facts_.types[index(node_.inputs[input])] : kNoType;
}

const Shape* InferContext::shape(std::size_t input) const {
  const TensorType& found = type(input);
  return found.shape ? &*found.shape : nullptr;
}

const Value* InferContext::value(std::size_t input) const {
  if (!has(input)) return nullptr;
  const Value* found = facts_.values[index(node_.inputs[input])].get();
  const Shape* sizes = shape(input);
  if (found == nullptr || sizes == nullptr || !is_static(*sizes)) return nullptr;
  return static_cast<std::int64_t>(found->size()) == elements_of(*sizes) ? found : nullptr;
}

std::optional<std::vector<std::int64_t>> InferContext::numbers(std::size_t input) const {
  const Value* found = value(input);
  return found ? found->numbers() : std::nullopt;
}

std::optional<Dim> InferContext::scalar(std::size_t input) const {
  const Value* found = value(input);
  if (found == nullptr || found->real || found->size() != 1) return std::nullopt;
  return found->ints[0];
}

InferContext::Axes InferContext::axes(std::string_view attribute, std::size_t input) const {
  Axes axes;
  if (has(input)) {
    axes.given = true;
    const auto numbers_there = numbers(input);
    axes.known = numbers_there.has_value();
    if (numbers_there) axes.values = *numbers_there;
  } else if (attributes().has(attribute)) {
    axes.given = true;
    axes.values = attributes().integers(attribute);
  }
  return axes;
}

void InferContext::set(std::size_t output, DataType dtype, std::optional<Shape> shape) {
  set(output, TensorType{dtype, std::move(shape), false});
}

void InferContext::set(std::size_t output, TensorType type) {
  if (output >= node_.outputs.size() || node_.outputs[output] == kNoTensor) return;
  TensorType& known = facts_.types[index(node_.outputs[output])];
  // What the file declares stands where inference has nothing to say.
  // TFLite states the type of every tensor, and computes indices in 32 bits where ONNX has 64.
  const bool stated = known.dtype != DataType::undefined && graph_.opset("tflite") > 0;
  if (type.dtype == DataType::undefined || stated) type.dtype = known.dtype;
  if (!type.shape && known.shape && is_static(*known.shape)) type.shape = known.shape;
  known = std::move(type);
}

void InferContext::set_value(std::size_t output, Value value) {
  if (output >= node_.outputs.size() || node_.outputs[output] == kNoTensor) return;
  if (value.size() > kMostElements) return;
  facts_.values.set(index(node_.outputs[output]), std::make_shared<const Value>(std::move(value)));
}

const TensorType& InferContext::output_type(std::size_t output) const {
  if (output >= node_.outputs.size() || node_.outputs[output] == kNoTensor) return kNoType;
  return facts_.types[index(node_.outputs[output])];
}

Dim InferContext::running(std::int64_t upper, std::string_view suffix) {
  std::string name = node_.name + std::string(suffix);
  note(Severity::info, "data-dependent",
       "a size is known only while running; costs use its largest value" +
           (upper == Dim::kUnbounded ? std::string(", which is not known either")
                                     : ", " + std::to_string(upper)));
  return Dim::named(std::move(name), 0, upper);
}

void InferContext::note(Severity severity, std::string code, std::string message) {
  diagnostics_.push_back({severity, std::move(code), std::move(message), node_.name});
}

std::size_t normalized_axis(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) {
    throw Error(
        "", "axis " + std::to_string(axis) + " does not exist in a tensor of rank " + std::to_string(rank),
        rank == 0 ? "a scalar has no axes"
                  : "from " + std::to_string(-size) + " to " + std::to_string(size - 1));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

Shape broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape out = longer;
  const std::size_t skipped = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    const Dim& one = longer[i + skipped];
    const Dim& other = shorter[i];
    Dim& size = out[i + skipped];
    if (one == other || other == Dim(1)) continue;
    if (one == Dim(1)) {
      size = other;
    } else if (one.is_number() && other.is_number()) {
      throw Error("", "shapes " + to_string(a) + " and " + to_string(b) + " do not broadcast",
                  "equal sizes, or 1");
    } else if (other.is_number()) {
      size = other;  // the name must turn out to be this number, or 1
    } else if (!one.is_number() && other.upper() < one.upper()) {
      size = other;  // both are names: equal when it runs, or one of them is 1
    }
  }
  return out;
}

}  // namespace foretime::ops
