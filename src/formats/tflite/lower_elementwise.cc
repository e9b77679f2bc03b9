// Operators that work element by element: in whatever order their largest operand is stored.

#include <cmath>

#include "formats/tflite/lowering.h"
#include "formats/tflite/options.h"

namespace foretime::tflite {
namespace {

using schema::BuiltinOptions;

/// The order of the largest operand that has all axes of the result.
Perm common_layout(Lowering& low, std::size_t rank) {
  std::int64_t most = -1;
  Perm perm = identity(rank);
  for (const TensorId id : low.node().inputs) {
    if (id == kNoTensor || low.is_constant(id)) continue;
    const Sizes sizes = low.sizes(id);
    if (sizes.size() != rank || count(sizes) <= most) continue;
    most = count(sizes);
    perm = low.layout(id);
  }
  return perm;
}

/// An operator that TFLite has under a name of its own; `kind`: of its options.
void nary(Lowering& low, std::string_view op, BuiltinOptions kind, bool fuses) {
  TensorId result = low.output();
  const Sizes sizes = low.sizes(result);
  const Perm perm = common_layout(low, sizes.size());
  const DataType type = low.dtype(result);
  std::vector<int> operands;
  for (const TensorId id : low.node().inputs) operands.push_back(low.operand(id, sizes.size(), perm));
  Options options = plain(kind);
  if (fuses)
    options = fused_options(
        kind, type == DataType::float32 ? low.activation_behind(result) : schema::Activation::NONE);
  const Sizes shape = permuted(sizes, perm);
  int made = operands[0];
  if (operands.size() == 1) {
    made = low.emit(op, {made}, shape, type, options);
  } else {
    for (std::size_t i = 1; i < operands.size(); ++i) {
      // Of more than two, the last one is what the activation follows.
      const bool last = i + 1 == operands.size();
      const Options each = last || !fuses ? options : fused_options(kind, schema::Activation::NONE);
      made = low.emit(op, {made, operands[i]}, shape, type, each);
    }
  }
  low.set(result, made, perm);
}

struct Row {
  std::string_view op;
  std::string_view theirs;
  BuiltinOptions kind;
  bool fuses;
};
constexpr Row kSame[] = {
    {"Add", "ADD", BuiltinOptions::Add, true},
    {"Sum", "ADD", BuiltinOptions::Add, true},
    {"Sub", "SUB", BuiltinOptions::Sub, true},
    {"Mul", "MUL", BuiltinOptions::Mul, true},
    {"Div", "DIV", BuiltinOptions::Div, true},
    {"Max", "MAXIMUM", BuiltinOptions::MaximumMinimum, false},
    {"Min", "MINIMUM", BuiltinOptions::MaximumMinimum, false},
    {"Pow", "POW", BuiltinOptions::Pow, false},
    {"Equal", "EQUAL", BuiltinOptions::Equal, false},
    {"Less", "LESS", BuiltinOptions::Less, false},
    {"LessOrEqual", "LESS_EQUAL", BuiltinOptions::LessEqual, false},
    {"Greater", "GREATER", BuiltinOptions::Greater, false},
    {"GreaterOrEqual", "GREATER_EQUAL", BuiltinOptions::GreaterEqual, false},
    {"And", "LOGICAL_AND", BuiltinOptions::LogicalAnd, false},
    {"Or", "LOGICAL_OR", BuiltinOptions::LogicalOr, false},
    {"Not", "LOGICAL_NOT", BuiltinOptions::LogicalNot, false},
    {"Relu", "RELU", BuiltinOptions::NONE, false},
    {"Sigmoid", "LOGISTIC", BuiltinOptions::NONE, false},
    {"Tanh", "TANH", BuiltinOptions::NONE, false},
    {"Elu", "ELU", BuiltinOptions::NONE, false},
    {"Exp", "EXP", BuiltinOptions::Exp, false},
    {"Log", "LOG", BuiltinOptions::NONE, false},
    {"Sqrt", "SQRT", BuiltinOptions::NONE, false},
    {"Neg", "NEG", BuiltinOptions::Neg, false},
    {"Abs", "ABS", BuiltinOptions::Abs, false},
    {"Floor", "FLOOR", BuiltinOptions::NONE, false},
    {"Ceil", "CEIL", BuiltinOptions::NONE, false},
    {"Round", "ROUND", BuiltinOptions::NONE, false},
    {"Sin", "SIN", BuiltinOptions::NONE, false},
    {"Cos", "COS", BuiltinOptions::Cos, false},
    {"Sign", "SIGN", BuiltinOptions::Sign, false},
    {"HardSwish", "HARD_SWISH", BuiltinOptions::HardSwish, false},
};

void same(Lowering& low) {
  for (const Row& row : kSame) {
    if (row.op == low.node().op) return nary(low, row.theirs, row.kind, row.fuses);
  }
}

/// What a unary operator works on, in its own order.
struct Unary {
  int in;
  Sizes shape;
  Perm perm;
};
Unary unary(Lowering& low) {
  const Perm perm = low.layout(low.input(0));
  return {low.at(low.input(0), perm), permuted(low.sizes(low.input(0)), perm), perm};
}

int with(Lowering& low, std::string_view op, BuiltinOptions kind, int a, int b, const Sizes& shape,
         schema::Activation activation = schema::Activation::NONE) {
  const bool fuses = kind != BuiltinOptions::MaximumMinimum;
  return low.emit(op, {a, b}, shape, DataType::float32,
                  fuses ? fused_options(kind, activation) : plain(kind));
}

void clip(Lowering& low) {
  const Unary x = unary(low);
  const Attributes& attributes = low.node().attributes;
  const double none = 3e38;
  const double least = low.has(1) ? low.scalar(1).value_or(NAN) : attributes.real("min", -none);
  const double most = low.has(2) ? low.scalar(2).value_or(NAN) : attributes.real("max", none);
  if (std::isnan(least) || std::isnan(most)) low.refuse("its limits are computed", "constants");
  const auto known = [&](double a, double b) { return least == a && most == b; };
  const std::string_view op = known(0, 6)                 ? "RELU6"
                              : known(-1, 1)              ? "RELU_N1_TO_1"
                              : known(0, 1)               ? "RELU_0_TO_1"
                              : least == 0 && most > 1e38 ? "RELU"
                                                          : "";
  if (!op.empty()) return low.set(low.emit(op, {x.in}, x.shape, DataType::float32), x.perm);
  int made = x.in;
  if (least > -1e38)
    made = with(low, "MAXIMUM", BuiltinOptions::MaximumMinimum, made, low.constant(static_cast<float>(least)),
                x.shape);
  if (most < 1e38 || made == x.in)
    made = with(low, "MINIMUM", BuiltinOptions::MaximumMinimum, made, low.constant(static_cast<float>(most)),
                x.shape);
  low.set(made, x.perm);
}

/// max(0, min(1, alpha·x + beta)); with 1/6 and 1/2 as converters write it: relu6(x + 3)/6.
void hard_sigmoid(Lowering& low) {
  const Unary x = unary(low);
  const double alpha = low.node().attributes.real("alpha", 0.2);
  const double beta = low.node().attributes.real("beta", 0.5);
  if (std::abs(alpha * 6 - 1) < 1e-6 && beta == 0.5) {
    const int up =
        with(low, "ADD", BuiltinOptions::Add, x.in, low.constant(3.0f), x.shape, schema::Activation::RELU6);
    return low.set(with(low, "MUL", BuiltinOptions::Mul, up, low.constant(1.0f / 6), x.shape), x.perm);
  }
  int made = with(low, "MUL", BuiltinOptions::Mul, x.in, low.constant(static_cast<float>(alpha)), x.shape);
  made = with(low, "ADD", BuiltinOptions::Add, made, low.constant(static_cast<float>(beta)), x.shape);
  low.set(low.emit("RELU_0_TO_1", {made}, x.shape, DataType::float32), x.perm);
}

void leaky_relu(Lowering& low) {
  const Unary x = unary(low);
  const auto alpha = static_cast<float>(low.node().attributes.real("alpha", 0.01));
  low.set(low.emit("LEAKY_RELU", {x.in}, x.shape, DataType::float32,
                   options_of(BuiltinOptions::LeakyRelu, schema::CreateLeakyReluOptions, alpha)),
          x.perm);
}

void prelu(Lowering& low) {
  const Unary x = unary(low);
  low.set(low.emit("PRELU", {x.in, low.operand(low.input(1), x.shape.size(), x.perm)}, x.shape,
                   DataType::float32),
          x.perm);
}

void gelu(Lowering& low) {
  const Unary x = unary(low);
  const bool tanh = low.node().attributes.text("approximate", "none") == "tanh";
  low.set(low.emit("GELU", {x.in}, x.shape, DataType::float32,
                   options_of(BuiltinOptions::Gelu, schema::CreateGeluOptions, tanh)),
          x.perm);
}

void reciprocal(Lowering& low) {
  const Unary x = unary(low);
  low.set(with(low, "DIV", BuiltinOptions::Div, low.constant(1.0f), x.in, x.shape), x.perm);
}

/// erf by formula 7.1.26 of Abramowitz and Stegun, whose error is below 1.5e-7:
/// 1 − (a₁t + a₂t² + … + a₅t⁵)·exp(−x²), t = 1/(1 + 0.3275911·|x|), with the sign of x.
void erf(Lowering& low) {
  const Unary x = unary(low);
  const auto times = [&](int a, int b) { return with(low, "MUL", BuiltinOptions::Mul, a, b, x.shape); };
  const auto plus = [&](int a, float b) {
    return with(low, "ADD", BuiltinOptions::Add, a, low.constant(b), x.shape);
  };
  const int size = low.emit("ABS", {x.in}, x.shape, DataType::float32, plain(BuiltinOptions::Abs));
  const int t = with(low, "DIV", BuiltinOptions::Div, low.constant(1.0f),
                     plus(times(size, low.constant(0.3275911f)), 1.0f), x.shape);
  int sum = low.constant(1.061405429f);
  for (const float next : {-1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f})
    sum = plus(times(t, sum), next);
  sum = times(t, sum);
  const int bell = low.emit("EXP", {times(times(x.in, x.in), low.constant(-1.0f))}, x.shape,
                            DataType::float32, plain(BuiltinOptions::Exp));
  const int positive = with(low, "SUB", BuiltinOptions::Sub, low.constant(1.0f), times(sum, bell), x.shape);
  const int sign = low.emit("SIGN", {x.in}, x.shape, DataType::float32, plain(BuiltinOptions::Sign));
  low.set(times(sign, positive), x.perm);
}

void where(Lowering& low) {
  const Sizes sizes = low.sizes(low.output());
  const Perm perm = common_layout(low, sizes.size());
  std::vector<int> operands;
  for (const TensorId id : low.node().inputs) operands.push_back(low.operand(id, sizes.size(), perm));
  low.set(low.emit("SELECT_V2", operands, permuted(sizes, perm), low.dtype(low.output()),
                   plain(BuiltinOptions::SelectV2)),
          perm);
}

void cast(Lowering& low) {
  const Unary x = unary(low);
  const schema::TensorType from = tensor_type_of(low.dtype(low.input(0)));
  const schema::TensorType to = tensor_type_of(low.dtype(low.output()));
  low.set(low.emit("CAST", {x.in}, x.shape, low.dtype(low.output()),
                   options_of(BuiltinOptions::Cast, schema::CreateCastOptions, from, to)),
          x.perm);
}

constexpr LowerRow kRows[] = {
    {"Add", same},
    {"Sum", same},
    {"Sub", same},
    {"Mul", same},
    {"Div", same},
    {"Max", same},
    {"Min", same},
    {"Pow", same},
    {"Equal", same},
    {"Less", same},
    {"LessOrEqual", same},
    {"Greater", same},
    {"GreaterOrEqual", same},
    {"And", same},
    {"Or", same},
    {"Not", same},
    {"Relu", same},
    {"Sigmoid", same},
    {"Tanh", same},
    {"Elu", same},
    {"Exp", same},
    {"Log", same},
    {"Sqrt", same},
    {"Neg", same},
    {"Abs", same},
    {"Floor", same},
    {"Ceil", same},
    {"Round", same},
    {"Sin", same},
    {"Cos", same},
    {"Sign", same},
    {"HardSwish", same},
    {"Clip", clip},
    {"HardSigmoid", hard_sigmoid},
    {"LeakyRelu", leaky_relu},
    {"PRelu", prelu},
    {"Gelu", gelu},
    {"Erf", erf},
    {"Reciprocal", reciprocal},
    {"Where", where},
    {"Cast", cast},
};

}  // namespace

std::span<const LowerRow> elementwise_lowerings() {
  return kRows;
}

}  // namespace foretime::tflite
