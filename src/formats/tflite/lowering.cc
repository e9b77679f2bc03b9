#include "formats/tflite/lowering.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/error.h"

namespace foretime::tflite {
namespace {

constexpr std::size_t kMostNumbers = 1 << 20;
// No device holds more; products of sizes stay far from overflowing.
constexpr std::int64_t kMostElements = std::int64_t{1} << 36;

/// The same order but for axes of size 1, which may stand anywhere.
bool same_but_for_ones(const Sizes& sizes, const Perm& a, const Perm& b) {
  const auto real = [&](const Perm& perm) {
    Perm out;
    std::copy_if(perm.begin(), perm.end(), std::back_inserter(out),
                 [&](std::size_t axis) { return sizes[axis] != 1; });
    return out;
  };
  return real(a) == real(b);
}

std::size_t place_of(const Perm& perm, std::size_t axis) {
  return static_cast<std::size_t>(std::find(perm.begin(), perm.end(), axis) - perm.begin());
}

/// Runs of neighbouring axes that have the same product before and after a reshape.
struct Run {
  std::size_t from, from_end, to, to_end;
};
std::vector<Run> runs_of(const Sizes& from, const Sizes& to) {
  std::vector<Run> runs;
  std::size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    Run run{i, i, j, j};
    std::int64_t left = 1, right = 1;
    if (run.from_end < from.size()) left *= from[run.from_end++];
    if (run.to_end < to.size()) right *= to[run.to_end++];
    while (left != right) {
      if (left < right && run.from_end < from.size()) {
        left *= from[run.from_end++];
      } else if (run.to_end < to.size()) {
        right *= to[run.to_end++];
      } else {
        return {};  // sizes of 0: taken as one run by the caller
      }
    }
    runs.push_back(run);
    i = run.from_end;
    j = run.to_end;
  }
  return runs;
}

}  // namespace

bool Lowering::has(std::size_t input) const {
  return input < node_->inputs.size() && node_->inputs[input] != kNoTensor;
}

Sizes Lowering::sizes(TensorId id) const {
  const Tensor& tensor = graph_[id];
  Sizes out;
  if (!tensor.type.shape)
    refuse("the shape of '" + tensor.name + "' is not known", "a graph of known shapes");
  for (const Dim& dim : *tensor.type.shape) {
    if (!dim.is_number()) {
      refuse(
          "'" + tensor.name + "' " + to_string(tensor.type) + " has a size that is known only while running",
          "a graph of known shapes");
    }
    out.push_back(dim.number());
  }
  if (elements_of(*tensor.type.shape) > kMostElements) {
    refuse("'" + tensor.name + "' " + to_string(tensor.type) + " is too large", "fewer elements");
  }
  return out;
}

void Lowering::refuse(const std::string& what, const std::string& accepted) const {
  const std::string where =
      node_ == nullptr ? graph_.name() : "node '" + node_->name + "' (" + node_->op + ")";
  throw Error(where, "cannot be written as TFLite: " + what, accepted);
}

std::size_t Lowering::axis_of(std::int64_t axis, std::size_t rank) const {
  if (axis < 0) axis += static_cast<std::int64_t>(rank);
  if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) refuse("its axis does not exist");
  return static_cast<std::size_t>(axis);
}

std::optional<Sizes> Lowering::integers(std::size_t input) const {
  if (!has(input)) return std::nullopt;
  const Tensor& tensor = graph_[node_->inputs[input]];
  if (!tensor.constant) return std::nullopt;
  return foretime::integers(*tensor.constant, tensor.type, kMostNumbers);
}

std::optional<double> Lowering::scalar(std::size_t input) const {
  if (!has(input)) return std::nullopt;
  const Tensor& tensor = graph_[node_->inputs[input]];
  if (!tensor.constant) return std::nullopt;
  const auto values = reals(*tensor.constant, tensor.type, 1);
  return values && values->size() == 1 ? std::optional((*values)[0]) : std::nullopt;
}

Sizes Lowering::integers(const char* attribute, std::size_t input) const {
  if (node_->attributes.has(attribute)) {
    if (const auto* one = std::get_if<std::int64_t>(node_->attributes.find(attribute))) return {*one};
    return node_->attributes.integers(attribute);
  }
  if (!has(input)) return {};
  const auto values = integers(input);
  if (!values) refuse(std::string(attribute) + " are computed while running", "constants");
  return *values;
}

// --- Constants

std::string Lowering::bytes_of_constant(TensorId id) const {
  const Tensor& tensor = graph_[id];
  const Purpose purpose = purpose_of(graph_, id);
  const Content content = content_of(tensor.name, tensor.type, *tensor.constant, purpose, options_.weights);
  const auto wanted = static_cast<std::size_t>(foretime::bytes_of(tensor.type).value_or(0));
  std::string bytes;
  if (content == Content::made) {
    make_values(tensor.name, tensor.type, purpose, options_.weights, options_.seed,
                [&](std::string_view piece) { bytes.append(piece); });
  } else if (content == Content::kept && tensor.constant->encoding == Encoding::raw) {
    const auto& held = tensor.constant->bytes;
    bytes.assign(reinterpret_cast<const char*>(held.data()), std::min(held.size(), wanted));
  } else if (content == Content::kept) {
    const auto values = foretime::integers(*tensor.constant, tensor.type, SIZE_MAX);
    const int width = bits_of(tensor.type.dtype) / 8;
    for (const std::int64_t value : values.value_or(Sizes())) {
      for (int i = 0; i < width; ++i) {
        bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
      }
    }
  }
  if (bytes.size() != wanted) {
    throw Error(tensor.name, "has values of a kind that cannot be written as TFLite", "plain elements");
  }
  return bytes;
}

std::vector<float> Lowering::floats(TensorId id) const {
  if (graph_[id].type.dtype != DataType::float32 || !values_known()) {
    refuse("'" + graph_[id].name + "' is " + to_string(graph_[id].type), "float32 with values");
  }
  const std::string bytes = bytes_of_constant(id);
  std::vector<float> out(bytes.size() / sizeof(float));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

int Lowering::constant(std::string_view what, Sizes shape, DataType dtype,
                       std::function<std::string()> values, bool no_values) {
  OutTensor tensor;
  tensor.name = unused(std::string(what));
  tensor.shape = std::move(shape);
  tensor.dtype = dtype;
  tensor.values = std::move(values);
  tensor.no_values = no_values;
  model_.tensors.push_back(std::move(tensor));
  return static_cast<int>(model_.tensors.size()) - 1;
}

int Lowering::constant(const Sizes& values, Sizes shape) {
  std::string bytes;
  for (const std::int64_t value : values) {
    const auto narrow = static_cast<std::int32_t>(value);
    bytes.append(reinterpret_cast<const char*>(&narrow), sizeof narrow);
  }
  const std::string name = (node_ == nullptr ? std::string("model") : node_->name) + "/sizes";
  return constant(name, std::move(shape), DataType::int32, [bytes] { return bytes; });
}

int Lowering::constant(const Sizes& values) {
  return constant(values, Sizes{static_cast<std::int64_t>(values.size())});
}

int Lowering::constant(std::string_view what, Sizes shape, std::vector<float> values) {
  return constant(what, std::move(shape), DataType::float32, [values = std::move(values)] {
    return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  });
}

int Lowering::constant(float value) {
  return constant(node_->name + "/value", {}, std::vector<float>{value});
}

int Lowering::stored(TensorId id, const Sizes& sizes, const Perm& perm, Sizes shape) {
  const Tensor& tensor = graph_[id];
  const int bits = bits_of(tensor.type.dtype);
  const bool same = perm == identity(sizes.size());
  if (bits < 8 && !same) refuse("'" + tensor.name + "' " + to_string(tensor.type) + " would be reordered");
  const bool absent = content_of(tensor.name, tensor.type, *tensor.constant, purpose_of(graph_, id),
                                 options_.weights) == Content::absent;
  return constant(
      tensor.name, std::move(shape), tensor.type.dtype,
      [this, id, sizes, perm, same, bits] {
        std::string bytes = bytes_of_constant(id);
        return same ? bytes : permuted(bytes, static_cast<std::size_t>(bits / 8), sizes, perm);
      },
      absent);
}

// --- Forms

std::string Lowering::unused(std::string name) {
  const auto [found, fresh] = names_.emplace(name, 1);
  if (fresh) return name;
  std::string other;
  do {
    other = name + "#" + std::to_string(++found->second);
  } while (!names_.emplace(other, 1).second);
  return other;
}

int Lowering::emit(std::string_view op, std::vector<int> inputs, Sizes shape, DataType dtype,
                   Options options) {
  return emit_many(op, std::move(inputs), {std::move(shape)}, dtype, std::move(options))[0];
}

std::vector<int> Lowering::emit_many(std::string_view op, std::vector<int> inputs, std::vector<Sizes> shapes,
                                     DataType dtype, Options options) {
  std::vector<int> outputs;
  for (Sizes& shape : shapes) {
    OutTensor tensor;
    tensor.name = unused((node_ == nullptr ? std::string("model") : node_->name) + "/" + std::string(op));
    tensor.shape = std::move(shape);
    tensor.dtype = dtype;
    outputs.push_back(static_cast<int>(model_.tensors.size()));
    model_.tensors.push_back(std::move(tensor));
  }
  model_.operators.push_back({op, std::move(inputs), outputs, std::move(options)});
  return outputs;
}

const Perm& Lowering::layout(TensorId id) {
  std::vector<Form>& forms = forms_[index(id)];
  if (forms.empty()) {
    if (!is_constant(id)) refuse("'" + graph_[id].name + "' was not computed before");
    const Sizes all = sizes(id);
    forms.push_back({identity(all.size()), stored(id, all, identity(all.size()), all)});
  }
  return forms[0].perm;
}

/// `sizes` are those of the graph's tensor; `from` and `to` say how it is and shall be stored.
int Lowering::moved(int tensor, const Sizes& sizes, const Perm& from, const Perm& to, DataType dtype) {
  if (from == to) return tensor;
  const Sizes wanted = permuted(sizes, to);
  if (same_but_for_ones(sizes, from, to)) {
    return emit("RESHAPE", {tensor, constant(wanted)}, wanted, dtype, {schema::BuiltinOptions::Reshape, {}});
  }
  Sizes order;
  for (const std::size_t axis : to) order.push_back(static_cast<std::int64_t>(place_of(from, axis)));
  return emit("TRANSPOSE", {tensor, constant(order)}, wanted, dtype, {schema::BuiltinOptions::Transpose, {}});
}

int Lowering::at(TensorId id, const Perm& perm) {
  std::vector<Form>& forms = forms_[index(id)];
  for (const Form& form : forms) {
    if (form.perm == perm) return form.tensor;
  }
  const Sizes all = sizes(id);
  if (is_constant(id)) {
    forms.push_back({perm, stored(id, all, perm, permuted(all, perm))});
    return forms.back().tensor;
  }
  (void)layout(id);
  for (const Form& form : forms) {
    if (!same_but_for_ones(all, form.perm, perm)) continue;
    const int tensor = moved(form.tensor, all, form.perm, perm, dtype(id));
    forms.push_back({perm, tensor});
    return tensor;
  }
  const int tensor = moved(forms[0].tensor, all, forms[0].perm, perm, dtype(id));
  forms_[index(id)].push_back({perm, tensor});
  return tensor;
}

int Lowering::operand(TensorId id, std::size_t rank, const Perm& perm) {
  const Sizes all = sizes(id);
  if (all.size() == rank) return at(id, perm);
  if (all.size() > rank) refuse("an operand has more axes than the result");
  const std::size_t added = rank - all.size();
  Sizes wide(added, 1);
  wide.insert(wide.end(), all.begin(), all.end());
  if (is_constant(id)) {
    const Sizes shape = permuted(wide, perm);
    return stored(id, wide, perm, shape);
  }
  if (perm == identity(rank)) return at(id, identity(all.size()));  // leading axes are understood
  Perm from = identity(added);
  for (const std::size_t axis : layout(id)) from.push_back(axis + added);
  int tensor = forms_[index(id)][0].tensor;
  const Sizes widened = permuted(wide, from);
  tensor =
      emit("RESHAPE", {tensor, constant(widened)}, widened, dtype(id), {schema::BuiltinOptions::Reshape, {}});
  return moved(tensor, wide, from, perm, dtype(id));
}

void Lowering::set(TensorId id, int tensor, Perm perm) {
  // The tensor that the graph knows by name carries it.
  std::string& name = model_.tensors[static_cast<std::size_t>(tensor)].name;
  if (forms_[index(id)].empty() && !names_.contains(graph_[id].name)) {
    names_.emplace(graph_[id].name, 1);
    name = graph_[id].name;
  }
  forms_[index(id)].push_back({std::move(perm), tensor});
}

void Lowering::rename(TensorId from, TensorId to, const Perm& axes) {
  (void)layout(from);
  std::vector<Form>& made = forms_[index(to)];
  for (const Form& form : forms_[index(from)]) {
    Perm perm;
    for (const std::size_t axis : form.perm) perm.push_back(place_of(axes, axis));
    made.push_back({std::move(perm), form.tensor});
  }
}

void Lowering::reshape(TensorId from, TensorId to) {
  const Sizes before = sizes(from);
  const Sizes after = sizes(to);
  if (is_constant(from)) (void)at(from, identity(before.size()));
  const Perm stored_as = layout(from);
  std::vector<Run> runs = runs_of(before, after);
  if (runs.empty()) runs = {{0, before.size(), 0, after.size()}};
  // In the order in which they are stored; inside of a run, axes go in the graph's order.
  const auto first_place = [&](const Run& run) {
    std::size_t first = SIZE_MAX;
    for (std::size_t axis = run.from; axis < run.from_end; ++axis) {
      if (before[axis] != 1) first = std::min(first, place_of(stored_as, axis));
    }
    return first;
  };
  // Runs of sizes of 1 stay where they are.
  std::vector<Run> real;
  for (const Run& run : runs) {
    if (first_place(run) != SIZE_MAX) real.push_back(run);
  }
  std::sort(real.begin(), real.end(),
            [&](const Run& a, const Run& b) { return first_place(a) < first_place(b); });
  std::size_t next = 0;
  for (Run& run : runs) {
    if (first_place(run) != SIZE_MAX) run = real[next++];
  }
  Perm wanted, made;
  for (const Run& run : runs) {
    for (std::size_t axis = run.from; axis < run.from_end; ++axis) wanted.push_back(axis);
    for (std::size_t axis = run.to; axis < run.to_end; ++axis) made.push_back(axis);
  }
  int tensor = forms_[index(from)][0].tensor;
  // Moving axes of size 1 is part of the reshape.
  if (!same_but_for_ones(before, stored_as, wanted)) tensor = at(from, wanted);
  const Sizes shape_after = permuted(after, made);
  if (shape(tensor) != shape_after) {
    tensor = emit("RESHAPE", {tensor, constant(shape_after)}, shape_after, dtype(from),
                  {schema::BuiltinOptions::Reshape, {}});
    return set(to, tensor, std::move(made));
  }
  forms_[index(to)].push_back({std::move(made), tensor});
}

// --- Fusing

const Node* Lowering::only_reader(TensorId id) const {
  if (is_output_[index(id)] || graph_.consumers(id).size() != 1) return nullptr;
  const Node& reader = graph_[graph_.consumers(id)[0]];
  return std::count(reader.inputs.begin(), reader.inputs.end(), id) == 1 ? &reader : nullptr;
}

TensorId Lowering::absorb(const Node& reader) {
  absorbed_[static_cast<std::size_t>(&reader - graph_.nodes().data())] = true;
  return reader.outputs[0];
}

schema::Activation Lowering::activation_behind(TensorId& id) {
  const Node* reader = only_reader(id);
  if (reader == nullptr || !reader->domain.empty()) return schema::Activation::NONE;
  schema::Activation found = schema::Activation::NONE;
  if (reader->op == "Relu") {
    found = schema::Activation::RELU;
  } else if (reader->op == "Clip") {
    const Node* before = std::exchange(node_, reader);
    const double low = scalar(1).value_or(reader->attributes.real("min", -1e38));
    const double high = scalar(2).value_or(reader->attributes.real("max", 1e38));
    node_ = before;
    if (low == 0 && high == 6) found = schema::Activation::RELU6;
    if (low == -1 && high == 1) found = schema::Activation::RELU_N1_TO_1;
  }
  if (found != schema::Activation::NONE) id = absorb(*reader);
  return found;
}

// --- The walk

/// Whether a convolution or pooling reads it, directly or behind elementwise operators.
bool Lowering::wants_channels_last(TensorId input) const {
  const std::size_t rank = graph_[input].type.shape ? graph_[input].type.shape->size() : 0;
  if (rank < 3 || rank > 5) return false;
  std::vector<TensorId> left = {input};
  std::set<TensorId> seen;
  constexpr std::size_t kFar = 64;
  static constexpr std::string_view kSpatial[] = {
      "Conv",          "ConvTranspose",      "MaxPool", "AveragePool",           "GlobalAveragePool",
      "GlobalMaxPool", "BatchNormalization", "Resize",  "InstanceNormalization", "DepthToSpace",
      "SpaceToDepth"};
  static constexpr std::string_view kThrough[] = {"Add", "Sub",  "Mul",  "Div",    "Identity",
                                                  "Pad", "Cast", "Relu", "Dropout"};
  while (!left.empty() && seen.size() < kFar) {
    const TensorId id = left.back();
    left.pop_back();
    if (!seen.insert(id).second) continue;
    for (const NodeId reader : graph_.consumers(id)) {
      const Node& node = graph_[reader];
      if (std::find(std::begin(kSpatial), std::end(kSpatial), node.op) != std::end(kSpatial)) return true;
      if (std::find(std::begin(kThrough), std::end(kThrough), node.op) != std::end(kThrough))
        left.push_back(node.outputs[0]);
    }
  }
  return false;
}

void Lowering::add_inputs() {
  for (const TensorId id : graph_.inputs()) {
    const Sizes all = sizes(id);
    const Perm perm = wants_channels_last(id) ? channels_last(all.size()) : identity(all.size());
    OutTensor tensor;
    tensor.name = unused(graph_[id].name);
    tensor.shape = permuted(all, perm);
    tensor.dtype = dtype(id);
    model_.inputs.push_back(static_cast<int>(model_.tensors.size()));
    forms_[index(id)].push_back({perm, model_.inputs.back()});
    model_.tensors.push_back(std::move(tensor));
  }
}

OutModel Lowering::run() {
  if (graph_.opset("tflite") > 0)
    refuse("it comes from a TFLite file, and keeps its layout", "channels first");
  model_.name = graph_.name();
  forms_.resize(graph_.tensors().size());
  absorbed_.resize(graph_.nodes().size(), false);
  is_output_.resize(graph_.tensors().size(), false);
  for (const TensorId id : graph_.outputs()) is_output_[index(id)] = true;
  add_inputs();
  for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
    if (absorbed_[i]) continue;
    node_ = &graph_.nodes()[i];
    const Lower lower = lower_for(*node_);
    if (lower == nullptr) refuse("TFLite has no such operator, or none that is written yet");
    lower(*this);
  }
  node_ = nullptr;
  for (const TensorId id : graph_.outputs()) {
    const Perm perm = layout(id);
    const bool known = perm == identity(perm.size()) || perm == channels_last(perm.size());
    int tensor = at(id, known ? perm : identity(perm.size()));
    // An input or a constant that is handed on, or an output that is named twice, needs a tensor of its own.
    const bool computed =
        std::any_of(model_.operators.begin(), model_.operators.end(), [&](const OutOperator& op) {
          return std::find(op.outputs.begin(), op.outputs.end(), tensor) != op.outputs.end();
        });
    if (!computed ||
        std::find(model_.outputs.begin(), model_.outputs.end(), tensor) != model_.outputs.end()) {
      tensor = emit("RESHAPE", {tensor, constant(shape(tensor))}, shape(tensor), dtype(id),
                    {schema::BuiltinOptions::Reshape, {}});
    }
    std::string& name = model_.tensors[static_cast<std::size_t>(tensor)].name;
    if (name != graph_[id].name && !names_.contains(graph_[id].name)) name = graph_[id].name;
    model_.outputs.push_back(tensor);
  }
  return std::move(model_);
}

Lower lower_for(const Node& node) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return nullptr;
  for (const auto table :
       {convolution_lowerings(), elementwise_lowerings(), movement_lowerings(), reduction_lowerings()}) {
    for (const LowerRow& row : table) {
      if (row.op == node.op) return row.lower;
    }
  }
  return nullptr;
}

}  // namespace foretime::tflite
