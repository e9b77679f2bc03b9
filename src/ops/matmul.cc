// Matrix products: MatMul with broadcasting, Gemm, Einsum, and their quantised and fused forms.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

/// NumPy's matmul of two shapes. Error: the inner sizes differ.
Shape product_shape(Shape a, Shape b) {
  if (a.empty() || b.empty()) throw Error("", "an operand is a scalar", "rank 1 or more");
  const bool row = a.size() == 1;
  const bool column = b.size() == 1;
  if (row) a.insert(a.begin(), Dim(1));
  if (column) b.emplace_back(1);
  const Dim& inner_a = a.back();
  const Dim& inner_b = b[b.size() - 2];
  if (inner_a.is_number() && inner_b.is_number() && inner_a != inner_b) {
    throw Error("", "inner sizes of " + to_string(a) + " and " + to_string(b) + " differ");
  }
  Shape out = broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (!row) out.push_back(a[a.size() - 2]);
  if (!column) out.push_back(b.back());
  return out;
}

void matmul(InferContext& ctx, DataType dtype, std::size_t a, std::size_t b) {
  if (ctx.shape(a) == nullptr || ctx.shape(b) == nullptr) return ctx.set(0, dtype, std::nullopt);
  ctx.set(0, dtype, product_shape(*ctx.shape(a), *ctx.shape(b)));
}

void infer_matmul(InferContext& ctx) {
  matmul(ctx, ctx.dtype(0), 0, 1);
}
void infer_matmul_integer(InferContext& ctx) {
  matmul(ctx, DataType::int32, 0, 1);
}
void infer_qlinear_matmul(InferContext& ctx) {
  matmul(ctx, ctx.dtype(7), 0, 3);
}
void infer_matmul_to_float(InferContext& ctx) {
  matmul(ctx, ctx.dtype(2), 0, 1);
}
void infer_dynamic_matmul(InferContext& ctx) {
  matmul(ctx, DataType::float32, 0, 1);
}

/// Transposes that FusedMatMul takes along: of the last two axes, or of the batch axes with the second to
/// last.
Shape transposed(Shape shape, bool last, bool batch) {
  if (shape.size() < 2) return shape;
  if (batch) std::rotate(shape.begin(), shape.begin() + 1, shape.end() - 1);
  if (last) std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  return shape;
}

void infer_fused_matmul(InferContext& ctx) {
  if (ctx.shape(0) == nullptr || ctx.shape(1) == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const auto flag = [&](const char* name) { return ctx.attributes().integer(name, 0) != 0; };
  ctx.set(0, ctx.dtype(0),
          product_shape(transposed(*ctx.shape(0), flag("transA"), flag("transBatchA")),
                        transposed(*ctx.shape(1), flag("transB"), flag("transBatchB"))));
}

void infer_gemm(InferContext& ctx) {
  const Shape* a = ctx.shape(0);
  const Shape* b = ctx.shape(1);
  if (a == nullptr || b == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  if (a->size() != 2 || b->size() != 2) {
    throw Error("", "operands have shapes " + to_string(*a) + " and " + to_string(*b), "two matrices");
  }
  const bool trans_a = ctx.attributes().integer("transA", 0) != 0;
  const bool trans_b = ctx.attributes().integer("transB", 0) != 0;
  ctx.set(0, ctx.dtype(0), product_shape(transposed(*a, trans_a, false), transposed(*b, trans_b, false)));
}

/// Rows of as many elements as the weight [n, k] wants, whatever the input's shape; `keep_num_dims` keeps its
/// leading axes.
void infer_fully_connected(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(1);
  if (x == nullptr || w == nullptr || x->empty()) return ctx.set(0, ctx.dtype(0), std::nullopt);
  if (w->size() != 2) throw Error("", "weight has shape " + to_string(*w), "a matrix");
  const Dim& k = (*w)[1];
  Shape out = *x;
  if (ctx.attributes().integer("keep_num_dims", 0) != 0 && x->back() == k) {
    out.back() = (*w)[0];
    return ctx.set(0, ctx.dtype(0), std::move(out));
  }
  Dim all(1);
  for (const Dim& size : *x) all = all * size;
  if (all.is_number() && k.is_number() && (k.number() == 0 || all.number() % k.number() != 0)) {
    throw Error("", "input has shape " + to_string(*x), "rows of " + to_string(k) + " elements");
  }
  ctx.set(0, ctx.dtype(0), Shape{floor_div(all, k), (*w)[0]});
}

std::optional<Work> gemm_work(const Graph& graph, const Node& node) {
  const auto view = gemm_view(graph, node);
  const auto outputs = output_elements(graph, node, 0);
  if (!view || !outputs) return std::nullopt;
  const bool activation = !node.attributes.text("activation", "").empty();
  return work_of(view->macs(), Flops{*outputs} * ((view->bias ? 1 : 0) + (activation ? 1 : 0)));
}

// --- Einsum
// -----------------------------------------------------------------------------------------------------

/// An equation taken apart: the letters of each operand and of the output. An ellipsis stands for as many
/// leading axes as are left over; they are named by capital letters counted from the right ('\x01', '\x02',
/// …).
struct Equation {
  std::vector<std::string> operands;
  std::string output;
};

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

/// The letters of one term, its ellipsis replaced by `hidden` unprintable ones.
std::string expanded(const std::string& term, std::size_t rank, std::size_t* hidden) {
  const std::size_t dots = term.find("...");
  if (dots == std::string::npos) return term;
  const std::size_t letters = term.size() - 3;
  const std::size_t missing = rank > letters ? rank - letters : 0;
  if (hidden != nullptr) *hidden = std::max(*hidden, missing);
  std::string out = term.substr(0, dots);
  for (std::size_t i = missing; i > 0; --i) out += static_cast<char>(i);
  return out + term.substr(dots + 3);
}

/// The output's letters when the equation names none: those that occur once, in alphabetical order.
std::string implied_output(const std::vector<std::string>& operands, std::size_t hidden) {
  std::map<char, int> seen;
  for (const std::string& operand : operands) {
    for (const char letter : operand) ++seen[letter];
  }
  std::string out;
  for (std::size_t i = hidden; i > 0; --i) out += static_cast<char>(i);
  for (const auto& [letter, times] : seen) {
    if (times == 1 && static_cast<std::size_t>(letter) > hidden) out += letter;
  }
  return out;
}

Equation parse_equation(const Graph& graph, const Node& node, const std::vector<std::size_t>& ranks) {
  (void)graph;
  const std::string text = without_blanks(node.attributes.text("equation", ""));
  const std::size_t arrow = text.find("->");
  Equation equation;
  std::size_t hidden = 0;
  std::string left = text.substr(0, arrow);
  for (std::size_t begin = 0; begin <= left.size();) {
    const std::size_t end = std::min(left.find(',', begin), left.size());
    const std::size_t operand = equation.operands.size();
    if (operand >= ranks.size())
      throw Error("attribute equation", "names more operands than there are inputs");
    equation.operands.push_back(expanded(left.substr(begin, end - begin), ranks[operand], &hidden));
    begin = end + 1;
  }
  if (equation.operands.size() != ranks.size()) {
    throw Error("attribute equation", "names " + std::to_string(equation.operands.size()) + " operands",
                std::to_string(ranks.size()) + ", as there are inputs");
  }
  if (arrow == std::string::npos) {
    equation.output = implied_output(equation.operands, hidden);
  } else {
    const std::string right = text.substr(arrow + 2);
    const std::size_t letters = right.find("...") == std::string::npos ? right.size() : right.size() - 3;
    equation.output = expanded(right, letters + hidden, nullptr);
  }
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (equation.operands[i].size() != ranks[i]) {
      throw Error("attribute equation",
                  "does not fit operand " + std::to_string(i) + " of rank " + std::to_string(ranks[i]));
    }
  }
  return equation;
}

void infer_einsum(InferContext& ctx) {
  std::vector<std::size_t> ranks;
  for (std::size_t i = 0; i < ctx.inputs(); ++i) {
    if (ctx.shape(i) == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
    ranks.push_back(ctx.shape(i)->size());
  }
  const Equation equation = parse_equation(ctx.graph(), ctx.node(), ranks);
  std::map<char, Dim> sizes;
  for (std::size_t i = 0; i < ctx.inputs(); ++i) {
    for (std::size_t axis = 0; axis < ranks[i]; ++axis) {
      const Dim& size = (*ctx.shape(i))[axis];
      const auto [known, fresh] = sizes.emplace(equation.operands[i][axis], size);
      if (!fresh) known->second = broadcast({known->second}, {size})[0];
    }
  }
  Shape out;
  for (const char letter : equation.output) {
    const auto found = sizes.find(letter);
    if (found == sizes.end())
      throw Error("attribute equation", "the output names an axis that no operand has");
    out.push_back(found->second);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
}

/// Two operands: one MAC for each combination of all letters; an elementwise product has no sum and counts
/// FLOPs only. More operands are taken from left to right, as if each product were kept whole.
std::optional<Work> einsum_work(const Graph& graph, const Node& node) {
  std::vector<Sizes> shapes;
  std::vector<std::size_t> ranks;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const auto sizes = input_sizes(graph, node, i);
    if (!sizes) return std::nullopt;
    ranks.push_back(sizes->size());
    shapes.push_back(*sizes);
  }
  const Equation equation = parse_equation(graph, node, ranks);
  std::map<char, std::int64_t> sizes;
  const auto combinations = [&] {
    std::int64_t all = 1;
    for (const auto& [letter, size] : sizes) all = saturating_mul(all, size);
    return all;
  };
  Work work;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    for (std::size_t axis = 0; axis < shapes[i].size(); ++axis) {
      std::int64_t& size = sizes[equation.operands[i][axis]];
      size = std::max(size, shapes[i][axis]);
    }
    if (i == 0) continue;
    const Macs macs{combinations()};
    work.macs += macs;
    work.flops += Flops{macs.value} * 2;
  }
  const auto outputs = output_elements(graph, node, 0);
  if (!outputs) return std::nullopt;
  if (shapes.size() < 2) return Work{{}, Flops{combinations() == *outputs ? 0 : combinations()}};
  if (combinations() == *outputs) return Work{{}, Flops{*outputs}};
  return work;
}

constexpr const char* kRule = "MACs: batch · m · k · n; bias 1 per output element";

constexpr OpSpec kSpecs[] = {
    {"MatMul", "", 2, 2, 1, "w", infer_matmul, gemm_work, kRule},
    {"Gemm", "", 2, 3, 1, "wwb", infer_gemm, gemm_work, kRule},
    {"MatMulInteger", "", 2, 4, 1, "wwii", infer_matmul_integer, gemm_work, kRule},
    {"QLinearMatMul", "", 8, 8, 1, "wiiwiiii", infer_qlinear_matmul, gemm_work, kRule},
    {"Einsum", "", 1, kAny, 1, "w", infer_einsum, einsum_work,
     "MACs: product of the sizes of all indices, for each operand after the first; "
     "without a sum, 1 FLOP per output element"},
    {"FusedMatMul", kMs, 2, 2, 1, "w", infer_fused_matmul, gemm_work, kRule},
    {"TransposeMatMul", kMs, 2, 2, 1, "w", infer_fused_matmul, gemm_work, kRule},
    {"FusedGemm", kMs, 2, 3, 1, "wwb", infer_gemm, gemm_work, kRule},
    {"MatMulIntegerToFloat", kMs, 4, 7, 1, "wwiiiib", infer_matmul_to_float, gemm_work, kRule},
    {"FULLY_CONNECTED", "tflite", 2, 3, 1, "xwb", infer_fully_connected, gemm_work, kRule},
    {"DynamicQuantizeMatMul", kMs, 3, 5, 1, "xwiib", infer_dynamic_matmul, gemm_work, kRule},
};

}  // namespace

std::span<const OpSpec> matmul_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
