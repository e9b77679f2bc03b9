// Operators that compute each output element from the input elements at the same place, after broadcasting.
// Where contents are known (shape arithmetic), they are computed, names and bounds included.

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "ops/element_arithmetic.h"
#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

using namespace element;

constexpr const char* kMs = "com.microsoft";

// --- Shapes
// -----------------------------------------------------------------------------------------------------

void same_as_first(InferContext& ctx) {
  ctx.set(0, ctx.type(0));
}

void boolean_like_first(InferContext& ctx) {
  ctx.set(0, DataType::boolean, ctx.type(0).shape);
}

/// Shape of all inputs broadcast together; absent if one rank is unknown.
std::optional<Shape> broadcast_inputs(const InferContext& ctx) {
  Shape out;
  for (std::size_t i = 0; i < ctx.inputs(); ++i) {
    const Shape* shape = ctx.shape(i);
    if (shape == nullptr) return std::nullopt;
    out = broadcast(out, *shape);
  }
  return out;
}

void broadcast_numeric(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), broadcast_inputs(ctx));
}

// --- Known contents
// ---------------------------------------------------------------------------------------------

std::vector<double> as_reals(const Value& value) {
  if (value.real) return value.reals;
  std::vector<double> out;
  for (const Dim& dim : value.ints) out.push_back(static_cast<double>(dim.upper()));
  return out;
}

/// Folds known inputs from left to right with f; `compares` says that floats give booleans.
template <DimBinary f, RealBinary g, bool compares = false>
void follow(InferContext& ctx) {
  const auto& out = ctx.output_type(0).shape;
  if (!out || !is_static(*out) || elements_of(*out) > static_cast<std::int64_t>(kMostElements)) return;
  for (std::size_t i = 0; i < ctx.inputs(); ++i) {
    if (ctx.value(i) == nullptr) return;
  }
  Value result = ctx.value(0)->pick(broadcast_map(*ctx.shape(0), *out));
  for (std::size_t i = 1; i < ctx.inputs(); ++i) {
    const Value other = ctx.value(i)->pick(broadcast_map(*ctx.shape(i), *out));
    if (result.real != other.real) return;
    for (std::size_t e = 0; e < result.size(); ++e) {
      if (result.real) {
        result.reals[e] = g(result.reals[e], other.reals[e]);
      } else {
        result.ints[e] = f(result.ints[e], other.ints[e]);
      }
    }
  }
  if (compares && result.real) {
    std::vector<Dim> flags;
    for (const double flag : result.reals) flags.emplace_back(flag != 0 ? 1 : 0);
    result = Value::of(std::move(flags));
  }
  ctx.set_value(0, std::move(result));
}

template <DimBinary f, RealBinary g>
void arithmetic(InferContext& ctx) {
  broadcast_numeric(ctx);
  follow<f, g>(ctx);
}

template <DimBinary f, RealBinary g>
void comparison(InferContext& ctx) {
  ctx.set(0, DataType::boolean, broadcast_inputs(ctx));
  follow<f, g, true>(ctx);
}

double real_floor_div(double a, double b) {
  return std::floor(a / b);
}

void comparison_of_any(InferContext& ctx) {
  ctx.set(0, DataType::boolean, broadcast_inputs(ctx));
}

/// Floats have the sign of the dividend (fmod), integers that of the divisor, unless `fmod` says otherwise.
void infer_mod(InferContext& ctx) {
  broadcast_numeric(ctx);
  const Value* dividend = ctx.value(0);
  const bool floor = ctx.attributes().integer("fmod", 0) == 0;
  const auto negative = [](const Dim& size) { return size.lower() < 0; };
  if (!floor && dividend != nullptr && std::any_of(dividend->ints.begin(), dividend->ints.end(), negative))
    return;
  follow<modulo, real_mod>(ctx);
}

void infer_pow(InferContext& ctx) {
  broadcast_numeric(ctx);
  const Value* base = ctx.value(0);
  const Value* exponent = ctx.value(1);
  if (base == nullptr || exponent == nullptr) return;
  const auto followed = [](const Dim& e) { return e.is_number() && e.number() >= 0 && e.number() <= 64; };
  if (base->real == exponent->real) {
    if (std::all_of(exponent->ints.begin(), exponent->ints.end(), followed)) follow<power, real_pow>(ctx);
    return;
  }
  if (!base->real || exponent->size() != 1) return;
  Value out = *base;
  for (double& element : out.reals) element = std::pow(element, as_reals(*exponent)[0]);
  if (ctx.output_type(0).shape == ctx.type(0).shape) ctx.set_value(0, std::move(out));
}

template <double (*g)(double)>
void unary_real(InferContext& ctx) {
  same_as_first(ctx);
  const Value* in = ctx.value(0);
  if (in == nullptr || !in->real) return;
  Value out = *in;
  for (double& element : out.reals) element = g(element);
  ctx.set_value(0, std::move(out));
}

double real_floor(double x) {
  return std::floor(x);
}
double real_ceil(double x) {
  return std::ceil(x);
}
double real_round(double x) {
  return std::nearbyint(x);
}
double real_sqrt(double x) {
  return std::sqrt(x);
}
double real_exp(double x) {
  return std::exp(x);
}
double real_log(double x) {
  return std::log(x);
}
double real_reciprocal(double x) {
  return 1 / x;
}

void infer_neg(InferContext& ctx) {
  same_as_first(ctx);
  if (const Value* in = ctx.value(0)) {
    Value out = *in;
    for (Dim& element : out.ints) element = Dim(0) - element;
    for (double& element : out.reals) element = -element;
    ctx.set_value(0, std::move(out));
  }
}

void infer_abs(InferContext& ctx) {
  same_as_first(ctx);
  if (const Value* in = ctx.value(0)) {
    Value out = *in;
    for (Dim& element : out.ints) element = element.lower() >= 0 ? element : max(element, Dim(0) - element);
    for (double& element : out.reals) element = std::abs(element);
    ctx.set_value(0, std::move(out));
  }
}

void infer_not(InferContext& ctx) {
  same_as_first(ctx);
  if (const Value* in = ctx.value(0); in != nullptr && !in->real) {
    Value out = *in;
    for (Dim& element : out.ints) element = negation(element);
    ctx.set_value(0, std::move(out));
  }
}

void infer_identity(InferContext& ctx) {
  same_as_first(ctx);
  if (const Value* in = ctx.value(0)) ctx.set_value(0, *in);
}

void infer_dropout(InferContext& ctx) {
  infer_identity(ctx);
  const bool boolean_mask = ctx.opset() >= 10;
  ctx.set(1, boolean_mask ? DataType::boolean : ctx.dtype(0), ctx.type(0).shape);
}

/// Contents converted between integers and floats. A named size keeps its name as an integer; as a float it
/// is lost.
std::optional<Value> converted(const Value& in, DataType to) {
  if (is_float(to)) {
    if (in.real) return in;
    if (!in.is_static()) return std::nullopt;
    return Value::of(as_reals(in));
  }
  if (!is_integer(to)) return std::nullopt;
  std::vector<Dim> ints = in.ints;
  for (const double x : in.reals) {
    if (!(std::abs(x) < 9e18)) return std::nullopt;
    ints.emplace_back(static_cast<std::int64_t>(x));
  }
  if (to == DataType::boolean) {
    for (Dim& element : ints) element = negation(equal(element, 0));
  }
  return Value::of(std::move(ints));
}

void cast_to(InferContext& ctx, DataType to) {
  TensorType type = ctx.type(0);
  type.dtype = to;
  ctx.set(0, std::move(type));
  if (const Value* in = ctx.value(0)) {
    if (auto out = converted(*in, to)) ctx.set_value(0, std::move(*out));
  }
}

void infer_cast(InferContext& ctx) {
  const std::int64_t to = ctx.attributes().integer("to", 0);
  if (to <= 0 || to >= kDataTypes) {
    throw Error("", "casts to data type " + std::to_string(to), "1 to " + std::to_string(kDataTypes - 1));
  }
  cast_to(ctx, static_cast<DataType>(to));
}

void infer_cast_like(InferContext& ctx) {
  cast_to(ctx, ctx.dtype(1));
}

void infer_where(InferContext& ctx) {
  ctx.set(0, ctx.dtype(1), broadcast_inputs(ctx));
  const auto& out = ctx.output_type(0).shape;
  const Value* condition = ctx.value(0);
  const Value* yes = ctx.value(1);
  const Value* no = ctx.value(2);
  if (!out || !is_static(*out) || elements_of(*out) > static_cast<std::int64_t>(kMostElements)) return;
  if (condition == nullptr || condition->real || yes == nullptr || no == nullptr || yes->real != no->real)
    return;
  const Value c = condition->pick(broadcast_map(*ctx.shape(0), *out));
  Value result = yes->pick(broadcast_map(*ctx.shape(1), *out));
  const Value other = no->pick(broadcast_map(*ctx.shape(2), *out));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const bool surely = c.ints[i].lower() > 0 || c.ints[i].upper() < 0;
    const bool never = c.ints[i].is_number() && c.ints[i].number() == 0;
    if (surely) continue;
    if (result.real) {
      if (!never) return;
      result.reals[i] = other.reals[i];
    } else if (never) {
      result.ints[i] = other.ints[i];
    } else {
      result.ints[i] =
          unknown_element("(" + to_string(result.ints[i]) + " or " + to_string(other.ints[i]) + ")",
                          std::min(result.ints[i].lower(), other.ints[i].lower()),
                          std::max(result.ints[i].upper(), other.ints[i].upper()));
    }
  }
  ctx.set_value(0, std::move(result));
}

/// A bound of Clip: an input, an attribute (up to opset 10), or none; absent when it is there but not known.
template <typename T>
std::optional<T> clip_bound(const InferContext& ctx, std::size_t input, const char* attribute, T none) {
  if (!ctx.has(input)) {
    if (!ctx.attributes().has(attribute)) return none;
    const double bound = ctx.attributes().real(attribute, 0);
    if constexpr (std::is_same_v<T, double>) return bound;
    return std::nullopt;  // opsets with the attribute clip floats only
  }
  const Value* value = ctx.value(input);
  if (value == nullptr || value->size() != 1) return std::nullopt;
  if constexpr (std::is_same_v<T, double>) {
    return value->real ? std::optional<T>(value->reals[0]) : std::nullopt;
  } else {
    return value->real ? std::nullopt : std::optional<T>(value->ints[0]);
  }
}

void infer_clip(InferContext& ctx) {
  same_as_first(ctx);
  const Value* in = ctx.value(0);
  if (in == nullptr) return;
  Value out = *in;
  if (in->real) {
    const auto low = clip_bound<double>(ctx, 1, "min", -HUGE_VAL);
    const auto high = clip_bound<double>(ctx, 2, "max", HUGE_VAL);
    if (!low || !high) return;
    for (double& element : out.reals) element = std::min(std::max(element, *low), *high);
  } else {
    const auto low = clip_bound<Dim>(ctx, 1, "min", std::numeric_limits<std::int64_t>::min());
    const auto high = clip_bound<Dim>(ctx, 2, "max", std::numeric_limits<std::int64_t>::max());
    if (!low || !high) return;
    for (Dim& element : out.ints) element = min(max(element, *low), *high);
  }
  ctx.set_value(0, std::move(out));
}

void infer_bias_split_gelu(InferContext& ctx) {
  TensorType type = ctx.type(0);
  if (type.shape && !type.shape->empty()) type.shape->back() = floor_div(type.shape->back(), 2);
  ctx.set(0, std::move(type));
}

// --- The table
// --------------------------------------------------------------------------------------------------

constexpr OpSpec unary(std::string_view name, std::optional<Work> (*work)(const Graph&, const Node&),
                       std::string_view rule, void (*infer)(InferContext&) = same_as_first) {
  return {name, "", 1, 1, 1, "x", infer, work, rule};
}

constexpr OpSpec binary(std::string_view name, void (*infer)(InferContext&)) {
  return {name, "", 2, 2, 1, "x", infer, per_output<1>, "1 per output element"};
}

std::optional<Work> variadic_work(const Graph& graph, const Node& node) {
  const auto elements = output_elements(graph, node, 0);
  if (!elements) return std::nullopt;
  const auto inputs = static_cast<std::int64_t>(node.inputs.size());
  return Work{{}, Flops{*elements} * std::max<std::int64_t>(1, inputs - 1)};
}

constexpr OpSpec variadic(std::string_view name, void (*infer)(InferContext&)) {
  return {name, "", 1, kAny, 1, "x", infer, variadic_work, "inputs − 1 per output element"};
}

constexpr OpSpec free_of_charge(std::string_view name, std::string_view domain, int min_inputs,
                                int max_inputs, int max_outputs, std::string_view roles,
                                void (*infer)(InferContext&), Traffic traffic) {
  return {name,  domain, min_inputs, max_inputs,        max_outputs,
          roles, infer,  no_work,    "moves data only", traffic};
}

constexpr OpSpec kSpecs[] = {
    binary("Add", arithmetic<dim_add, real_add>),
    binary("Sub", arithmetic<dim_sub, real_sub>),
    binary("Mul", arithmetic<dim_mul, real_mul>),
    binary("Div", arithmetic<truncated_div, real_div>),
    binary("Mod", infer_mod),
    binary("Pow", infer_pow),
    binary("And", comparison<conjunction, real_min>),
    binary("Or", comparison<disjunction, real_max>),
    binary("Xor", comparison<exclusive_or, real_min>),
    binary("Equal", comparison<equal, real_equal>),
    binary("Greater", comparison<greater, real_greater>),
    binary("Less", comparison<less, real_less>),
    binary("GreaterOrEqual", comparison<greater_or_equal, real_greater_or_equal>),
    binary("LessOrEqual", comparison<less_or_equal, real_less_or_equal>),
    binary("BitShift", broadcast_numeric),
    binary("BitwiseAnd", broadcast_numeric),
    binary("BitwiseOr", broadcast_numeric),
    binary("BitwiseXor", broadcast_numeric),
    variadic("Max", arithmetic<max, real_max>),
    variadic("Min", arithmetic<min, real_min>),
    variadic("Sum", arithmetic<dim_add, real_add>),
    variadic("Mean", broadcast_numeric),
    {"Where", "", 3, 3, 1, "x", infer_where, per_output<1>, "1 per output element"},
    {"PRelu", "", 2, 2, 1, "xw", same_as_first, per_output<2>, "compare and multiply: 2 per element"},
    {"Clip", "", 1, 3, 1, "xi", infer_clip, per_output<2>, "two comparisons: 2 per element"},

    unary("Abs", per_output<1>, "1 per element", infer_abs),
    unary("Neg", per_output<1>, "1 per element", infer_neg),
    unary("Not", per_output<1>, "1 per element", infer_not),
    unary("BitwiseNot", per_output<1>, "1 per element"),
    unary("Ceil", per_output<1>, "1 per element", unary_real<real_ceil>),
    unary("Floor", per_output<1>, "1 per element", unary_real<real_floor>),
    unary("Round", per_output<1>, "1 per element", unary_real<real_round>),
    unary("Sign", per_output<1>, "1 per element"),
    unary("Sqrt", per_output<1>, "1 per element", unary_real<real_sqrt>),
    unary("Reciprocal", per_output<1>, "1 per element", unary_real<real_reciprocal>),
    unary("Exp", per_output<1>, "1 per element", unary_real<real_exp>),
    unary("Log", per_output<1>, "1 per element", unary_real<real_log>),
    unary("Erf", per_output<1>, "1 per element"),
    unary("Sin", per_output<1>, "1 per element"),
    unary("Cos", per_output<1>, "1 per element"),
    unary("Tan", per_output<1>, "1 per element"),
    unary("Asin", per_output<1>, "1 per element"),
    unary("Acos", per_output<1>, "1 per element"),
    unary("Atan", per_output<1>, "1 per element"),
    unary("Sinh", per_output<1>, "1 per element"),
    unary("Cosh", per_output<1>, "1 per element"),
    unary("Asinh", per_output<1>, "1 per element"),
    unary("Acosh", per_output<1>, "1 per element"),
    unary("Atanh", per_output<1>, "1 per element"),
    unary("Tanh", per_output<1>, "1 per element"),
    unary("Relu", per_output<1>, "1 per element"),
    unary("IsNaN", per_output<1>, "1 per element", boolean_like_first),
    unary("IsInf", per_output<1>, "1 per element", boolean_like_first),
    unary("LeakyRelu", per_output<2>, "compare and multiply: 2 per element"),
    unary("ThresholdedRelu", per_output<1>, "1 per element"),
    unary("Shrink", per_output<2>, "compare and add: 2 per element"),
    unary("Softsign", per_output<3>, "x/(1+|x|): 3 per element"),
    unary("HardSigmoid", per_output<4>, "multiply, add, two comparisons: 4 per element"),
    unary("HardSwish", per_output<5>, "hard sigmoid times x: 5 per element"),
    unary("Sigmoid", per_output<4>, "1/(1+e^−x): 4 per element"),
    unary("Swish", per_output<5>, "x·sigmoid(x): 5 per element"),
    unary("Softplus", per_output<3>, "log(1+e^x): 3 per element"),
    unary("Mish", per_output<5>, "x·tanh(softplus(x)): 5 per element"),
    unary("Elu", per_output<4>, "compare, exp, subtract, multiply: 4 per element"),
    unary("Celu", per_output<5>, "as Elu, and a division: 5 per element"),
    unary("Selu", per_output<5>, "as Elu, and a multiplication: 5 per element"),
    unary("Gelu", per_output<5>, "x/2·(1+erf(x/√2)): 5 per element"),

    {"Gelu", kMs, 1, 1, 1, "x", same_as_first, per_output<5>, "x/2·(1+erf(x/√2)): 5 per element"},
    {"FastGelu", kMs, 1, 2, 1, "xb", same_as_first, per_output<8>, "tanh form, with bias: 8 per element"},
    {"QuickGelu", kMs, 1, 1, 1, "x", same_as_first, per_output<5>, "x·sigmoid(αx): 5 per element"},
    {"BiasGelu", kMs, 2, 2, 1, "xb", same_as_first, per_output<6>, "bias and Gelu: 6 per element"},
    {"BiasAdd", kMs, 3, 3, 1, "xbx", same_as_first, per_output<2>, "two additions: 2 per element"},
    {"BiasSplitGelu", kMs, 2, 2, 1, "xb", infer_bias_split_gelu, per_output<8>,
     "two biases, Gelu and product: 8 per output element"},

    {"Cast", "", 1, 1, 1, "x", infer_cast, no_work, "moves data only"},
    {"CastLike", "", 2, 2, 1, "xi", infer_cast_like, no_work, "moves data only"},
    free_of_charge("Identity", "", 1, 1, 1, "x", infer_identity, Traffic::view),
    free_of_charge("Dropout", "", 1, 3, 2, "xi", infer_dropout, Traffic::view),
    // TFLite's own.
    {"RSQRT", "tflite", 1, 1, 1, "x", same_as_first, per_output<2>, "root and reciprocal: 2 per element"},
    {"SQUARE", "tflite", 1, 1, 1, "x", same_as_first, per_output<1>, "1 per element"},
    {"FAKE_QUANT", "tflite", 1, 1, 1, "x", same_as_first, per_output<4>,
     "scale, round, clip, scale: 4 per element"},
    {"SQUARED_DIFFERENCE", "tflite", 2, 2, 1, "x", broadcast_numeric, per_output<2>, "2 per output element"},
    {"FLOOR_DIV", "tflite", 2, 2, 1, "x", arithmetic<floor_div, real_floor_div>, per_output<2>,
     "divide and round: 2 per output element"},
    {"NOT_EQUAL", "tflite", 2, 2, 1, "x", comparison_of_any, per_output<1>, "1 per output element"},
    {"ATAN2", "tflite", 2, 2, 1, "x", broadcast_numeric, per_output<1>, "1 per output element"},
    {"RIGHT_SHIFT", "tflite", 2, 2, 1, "x", broadcast_numeric, per_output<1>, "1 per output element"},
    {"QUANTIZE", "tflite", 1, 1, 1, "x", same_as_first, per_output<4>,
     "scale, shift, round, clip: 4 per element"},
    {"DEQUANTIZE", "tflite", 1, 1, 1, "x", same_as_first, per_output<2>, "shift and scale: 2 per element"},
};

}  // namespace

std::span<const OpSpec> elementwise_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
