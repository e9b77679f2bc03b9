// Operators that sum over axes: reductions, normalisation, softmax, and products of matrices.

#include <algorithm>
#include <numeric>

#include "formats/tflite/lowering.h"
#include "formats/tflite/options.h"

namespace foretime::tflite {
namespace {

using schema::BuiltinOptions;

int binary(Lowering& low, std::string_view op, BuiltinOptions kind, int a, int b, const Sizes& shape,
           schema::Activation activation = schema::Activation::NONE) {
  return low.emit(op, {a, b}, shape, DataType::float32, fused_options(kind, activation));
}

// --- Reductions

/// Places of these axes where the tensor is stored, and what remains.
struct Reduction {
  Sizes places;
  Sizes kept;     // sizes with 1 for each reduced axis, as stored
  Sizes dropped;  // sizes without these axes, as stored
  Perm perm_dropped;
};
Reduction reduction_of(const Sizes& sizes, const Perm& perm, const std::vector<bool>& reduced) {
  Reduction out;
  for (std::size_t i = 0; i < perm.size(); ++i) {
    const std::size_t axis = perm[i];
    out.kept.push_back(reduced[axis] ? 1 : sizes[axis]);
    if (reduced[axis]) {
      out.places.push_back(static_cast<std::int64_t>(i));
      continue;
    }
    out.dropped.push_back(sizes[axis]);
    out.perm_dropped.push_back(static_cast<std::size_t>(
        std::count(reduced.begin(), reduced.begin() + static_cast<std::ptrdiff_t>(axis), false)));
  }
  return out;
}

Options reducer(bool keep) {
  return options_of(BuiltinOptions::Reducer, schema::CreateReducerOptions, keep);
}

void reduce_as(Lowering& low, std::string_view op, const std::vector<bool>& reduced, bool keep) {
  const TensorId x = low.input(0);
  const Perm perm = low.layout(x);
  const Reduction reduction = reduction_of(low.sizes(x), perm, reduced);
  int tensor = low.at(x, perm);
  const std::string_view theirs = op == "L2" ? "SUM" : op;
  const Sizes shape = keep ? reduction.kept : reduction.dropped;
  if (op == "L2") {
    const Sizes all = permuted(low.sizes(x), perm);
    tensor = binary(low, "MUL", BuiltinOptions::Mul, tensor, tensor, all);
  }
  tensor = low.emit(theirs, {tensor, low.constant(reduction.places)}, shape, low.dtype(x), reducer(keep));
  if (op == "L2") tensor = low.emit("SQRT", {tensor}, shape, DataType::float32);
  low.set(tensor, keep ? perm : reduction.perm_dropped);
}

void reduce(Lowering& low) {
  static constexpr std::pair<std::string_view, std::string_view> kTheirs[] = {
      {"ReduceMean", "MEAN"},      {"ReduceSum", "SUM"},          {"ReduceMax", "REDUCE_MAX"},
      {"ReduceMin", "REDUCE_MIN"}, {"ReduceProd", "REDUCE_PROD"}, {"ReduceL2", "L2"}};
  const std::size_t rank = low.sizes(low.input(0)).size();
  const Sizes axes = low.integers("axes", 1);
  const bool nothing = axes.empty() && low.node().attributes.integer("noop_with_empty_axes", 0) != 0;
  if (nothing) low.refuse("it reduces nothing");
  std::vector<bool> reduced(rank, axes.empty());
  for (const std::int64_t axis : axes) reduced[low.axis_of(axis, rank)] = true;
  for (const auto& [ours, theirs] : kTheirs) {
    if (ours == low.node().op)
      reduce_as(low, theirs, reduced, low.node().attributes.integer("keepdims", 1) != 0);
  }
}

void global_pool(Lowering& low) {
  std::vector<bool> reduced(low.sizes(low.input(0)).size(), true);
  reduced[0] = reduced[1] = false;
  reduce_as(low, low.node().op == "GlobalMaxPool" ? "REDUCE_MAX" : "MEAN", reduced, true);
}

/// The largest element's place along an axis.
void arg(Lowering& low) {
  const TensorId x = low.input(0);
  const Sizes sizes = low.sizes(x);
  const Perm perm = identity(sizes.size());
  const std::size_t axis = low.axis_of(low.node().attributes.integer("axis", 0), sizes.size());
  Sizes shape = sizes;
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  const bool most = low.node().op == "ArgMax";
  int made = low.emit(most ? "ARG_MAX" : "ARG_MIN",
                      {low.at(x, perm), low.constant(Sizes{static_cast<std::int64_t>(axis)}, {})}, shape,
                      DataType::int64,
                      options_of(most ? BuiltinOptions::ArgMax : BuiltinOptions::ArgMin,
                                 schema::CreateTypeOptions, schema::TensorType::INT64));
  const Sizes wanted = low.sizes(low.output());
  if (wanted != shape) {
    made = low.emit("RESHAPE", {made, low.constant(wanted)}, wanted, DataType::int64,
                    plain(BuiltinOptions::Reshape));
  }
  low.set(made, identity(wanted.size()));
}

// --- Normalisation

/// (x − mean)/√(variance + ε) over the axes that `reduced` says.
int normalized(Lowering& low, int x, const Sizes& shape, const Reduction& reduction, double epsilon) {
  const int axes = low.constant(reduction.places);
  const Sizes& kept = reduction.kept;
  const int mean = low.emit("MEAN", {x, axes}, kept, DataType::float32, reducer(true));
  const int centred = binary(low, "SUB", BuiltinOptions::Sub, x, mean, shape);
  const int squared = low.emit("SQUARE", {centred}, shape, DataType::float32, plain(BuiltinOptions::Square));
  const int variance = low.emit("MEAN", {squared, axes}, kept, DataType::float32, reducer(true));
  const int shifted =
      binary(low, "ADD", BuiltinOptions::Add, variance, low.constant(static_cast<float>(epsilon)), kept);
  const int scale = low.emit("RSQRT", {shifted}, kept, DataType::float32);
  return binary(low, "MUL", BuiltinOptions::Mul, centred, scale, shape);
}

void layer_norm(Lowering& low) {
  const TensorId x = low.input(0);
  const Sizes sizes = low.sizes(x);
  const Perm perm = low.layout(x);
  const std::size_t first = low.axis_of(low.node().attributes.integer("axis", -1), sizes.size());
  std::vector<bool> reduced(sizes.size(), false);
  std::fill(reduced.begin() + static_cast<std::ptrdiff_t>(first), reduced.end(), true);
  const Sizes shape = permuted(sizes, perm);
  int made = normalized(low, low.at(x, perm), shape, reduction_of(sizes, perm, reduced),
                        low.node().attributes.real("epsilon", 1e-5));
  TensorId result = low.output();
  const bool shifts = low.has(2);
  made = binary(low, "MUL", BuiltinOptions::Mul, made, low.operand(low.input(1), sizes.size(), perm), shape);
  if (shifts)
    made =
        binary(low, "ADD", BuiltinOptions::Add, made, low.operand(low.input(2), sizes.size(), perm), shape);
  low.set(result, made, perm);
}

void softmax(Lowering& low) {
  const TensorId x = low.input(0);
  const Sizes sizes = low.sizes(x);
  const std::size_t axis = low.axis_of(low.node().attributes.integer("axis", -1), sizes.size());
  Perm perm = low.layout(x);
  if (perm.back() != axis) {
    std::erase(perm, axis);
    perm.push_back(axis);
  }
  const bool log = low.node().op == "LogSoftmax";
  const Options options = log ? plain(BuiltinOptions::LogSoftmax)
                              : options_of(BuiltinOptions::Softmax, schema::CreateSoftmaxOptions, 1.0f);
  low.set(low.emit(log ? "LOG_SOFTMAX" : "SOFTMAX", {low.at(x, perm)}, permuted(sizes, perm),
                   DataType::float32, options),
          perm);
}

// --- Matrices

Options fully_connected_options(schema::Activation activation, bool keep) {
  return options_of(BuiltinOptions::FullyConnected, schema::CreateFullyConnectedOptions, activation,
                    std::int8_t{0}, keep);
}

/// A vector that only this product meets behind it, as its bias.
int bias_behind(Lowering& low, TensorId& result, std::int64_t n) {
  const Node* reader = low.only_reader(result);
  if (reader == nullptr || reader->op != "Add" || !reader->domain.empty()) return -1;
  const TensorId other = reader->inputs[0] == result ? reader->inputs[1] : reader->inputs[0];
  if (!low.is_constant(other) || low.sizes(other) != Sizes{n} || low.dtype(other) != DataType::float32)
    return -1;
  if (low.sizes(reader->outputs[0]) != low.sizes(result)) return -1;
  result = low.absorb(*reader);
  return low.at(other, identity(1));
}

/// Rows by a matrix that is stored [n, k].
void fully_connected(Lowering& low, int rows, int weight, int bias, TensorId result) {
  const Sizes shape = low.sizes(result);
  const schema::Activation activation = low.activation_behind(result);
  low.set(result,
          low.emit("FULLY_CONNECTED", {rows, weight, bias}, shape, DataType::float32,
                   fully_connected_options(activation, shape.size() != 2)),
          identity(shape.size()));
}

/// The matrices as they are stored, or with rows and columns swapped, which the product can undo.
std::pair<int, bool> matrix(Lowering& low, TensorId id) {
  const std::size_t rank = low.sizes(id).size();
  Perm swapped = identity(rank);
  std::swap(swapped[rank - 1], swapped[rank - 2]);
  if (!low.is_constant(id) && low.layout(id) == swapped) return {low.at(id, swapped), true};
  return {low.at(id, identity(rank)), false};
}

void matmul(Lowering& low) {
  const TensorId a = low.input(0);
  const TensorId b = low.input(1);
  const Sizes left = low.sizes(a);
  const Sizes right = low.sizes(b);
  if (left.size() < 2 || right.size() < 2) low.refuse("an operand is a vector", "matrices");
  TensorId result = low.output();
  if (low.is_constant(b) && right.size() == 2) {
    const int rows = low.at(a, identity(left.size()));
    const int weight = low.at(b, {1, 0});
    const int bias = bias_behind(low, result, right[1]);
    return fully_connected(low, rows, weight, bias, result);
  }
  const auto [x, swapped_x] = matrix(low, a);
  const auto [y, swapped_y] = matrix(low, b);
  const Sizes shape = low.sizes(result);
  low.set(result,
          low.emit("BATCH_MATMUL", {x, y}, shape, DataType::float32,
                   options_of(BuiltinOptions::BatchMatMul, schema::CreateBatchMatMulOptions, swapped_x,
                              swapped_y)),
          identity(shape.size()));
}

void gemm(Lowering& low) {
  const Attributes& attributes = low.node().attributes;
  if (attributes.real("alpha", 1) != 1 || attributes.real("beta", 1) != 1)
    low.refuse("it scales its operands", "alpha and beta of 1");
  const bool trans_a = attributes.integer("transA", 0) != 0;
  const bool trans_b = attributes.integer("transB", 0) != 0;
  const int rows = low.at(low.input(0), trans_a ? Perm{1, 0} : identity(2));
  const int weight = low.at(low.input(1), trans_b ? identity(2) : Perm{1, 0});
  TensorId result = low.output();
  const std::int64_t n = low.sizes(result)[1];
  int bias = -1;
  if (low.has(2)) {
    if (!low.is_constant(low.input(2)) || low.sizes(low.input(2)) != Sizes{n})
      low.refuse("its bias is no vector");
    bias = low.at(low.input(2), identity(1));
  }
  fully_connected(low, rows, weight, bias, result);
}

constexpr LowerRow kRows[] = {
    {"ReduceMean", reduce},
    {"ReduceSum", reduce},
    {"ReduceMax", reduce},
    {"ReduceMin", reduce},
    {"ReduceProd", reduce},
    {"ReduceL2", reduce},
    {"GlobalAveragePool", global_pool},
    {"GlobalMaxPool", global_pool},
    {"ArgMax", arg},
    {"ArgMin", arg},
    {"LayerNormalization", layer_norm},
    {"Softmax", softmax},
    {"LogSoftmax", softmax},
    {"MatMul", matmul},
    {"Gemm", gemm},
};

}  // namespace

std::span<const LowerRow> reduction_lowerings() {
  return kRows;
}

}  // namespace foretime::tflite
