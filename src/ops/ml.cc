// Classical models (ai.onnx.ml). What they learnt lies in attributes, whose lengths give sizes and costs.

#include <algorithm>
#include <bit>
#include <set>
#include <string>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMl = "ai.onnx.ml";

template <typename... Kinds>
struct Overloaded : Kinds... {
  using Kinds::operator()...;
};
template <typename... Kinds>
Overloaded(Kinds...) -> Overloaded<Kinds...>;  // clang 16 does not deduce it

/// Number of elements of a list; 0 when the attribute is absent or no list.
std::int64_t length_of(const Attributes& attributes, std::string_view name) {
  const Attribute* found = attributes.find(name);
  if (found == nullptr) return 0;
  return std::visit(Overloaded{[](const auto&) { return std::int64_t{0}; },
                               [](const TensorAttribute& tensor) {
                                 return tensor.type.shape ? elements_of(*tensor.type.shape) : std::int64_t{0};
                               },
                               []<typename T>(const std::vector<T>& list) {
                                 return static_cast<std::int64_t>(list.size());
                               }},
                    *found);
}

/// The first of the attributes that is a list with elements.
std::int64_t length_of_any(const Attributes& attributes, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const std::int64_t length = length_of(attributes, name); length > 0) return length;
  }
  return 0;
}

/// Rows of the input: a vector is one.
std::optional<Dim> rows_of(const InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return std::nullopt;
  return in->size() < 2 ? Dim(1) : (*in)[0];
}

void set_rows(InferContext& ctx, std::size_t output, DataType dtype, const Dim& columns) {
  const auto rows = rows_of(ctx);
  ctx.set(output, dtype, rows ? std::optional(Shape{*rows, columns}) : std::nullopt);
}

// --- Preparing features

void infer_real(InferContext& ctx) {
  ctx.set(0, DataType::float32, ctx.type(0).shape);
}

/// X[…, features], places → X[…, chosen]; a vector is one row.
void infer_extractor(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const Shape* places = ctx.shape(1);
  std::optional<Shape> out;
  if (in != nullptr && places != nullptr && is_static(*places)) {
    out = in->size() < 2 ? Shape{1} : Shape(in->begin(), in->end() - 1);
    out->emplace_back(elements_of(*places));
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
}

void infer_category_mapper(InferContext& ctx) {
  const bool from_text = ctx.dtype(0) == DataType::string;
  ctx.set(0, from_text ? DataType::int64 : DataType::string, ctx.type(0).shape);
}

DataType encoded_type(const InferContext& ctx) {
  const Attributes& attributes = ctx.attributes();
  if (const Attribute* values = attributes.find("values_tensor")) {
    const auto* tensor = std::get_if<TensorAttribute>(values);
    return tensor != nullptr ? tensor->type.dtype : DataType::undefined;
  }
  if (attributes.has("values_int64s")) return DataType::int64;
  if (attributes.has("values_floats")) return DataType::float32;
  if (attributes.has("values_strings")) return DataType::string;
  return ctx.dtype(0) == DataType::string ? DataType::int64 : DataType::string;  // of the first version
}

void infer_label_encoder(InferContext& ctx) {
  ctx.set(0, encoded_type(ctx), ctx.type(0).shape);
}

void infer_one_hot_encoder(InferContext& ctx) {
  std::optional<Shape> out = ctx.type(0).shape;
  if (out) out->emplace_back(length_of_any(ctx.attributes(), {"cats_int64s", "cats_strings"}));
  ctx.set(0, DataType::float32, std::move(out));
}

void infer_feature_vectorizer(InferContext& ctx) {
  std::int64_t columns = 0;
  for (const std::int64_t size : ctx.attributes().integers("inputdimensions")) {
    columns = saturating_add(columns, size);
  }
  set_rows(ctx, 0, DataType::float32, columns);
}

// Maps have no type of their own here: they are seen as tensors of their values.

void infer_dict_vectorizer(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0),
          Shape{1, length_of_any(ctx.attributes(), {"string_vocabulary", "int64_vocabulary"})});
}

void infer_cast_map(InferContext& ctx) {
  const std::string to = ctx.attributes().text("cast_to", "TO_FLOAT");
  const DataType dtype = to == "TO_STRING"  ? DataType::string
                         : to == "TO_INT64" ? DataType::int64
                                            : DataType::float32;
  const bool sparse = ctx.attributes().text("map_form", "DENSE") == "SPARSE";
  const Dim columns = sparse ? Dim(ctx.attributes().integer("max_map", 1)) : ctx.running(Dim::kUnbounded);
  ctx.set(0, dtype, Shape{1, columns});
}

void infer_zip_map(InferContext& ctx) {
  const Dim classes = length_of_any(ctx.attributes(), {"classlabels_int64s", "classlabels_strings"});
  ctx.set(0, TensorType{DataType::float32, Shape{classes}, true});
}

// --- Models

void infer_linear_regressor(InferContext& ctx) {
  set_rows(ctx, 0, DataType::float32, ctx.attributes().integer("targets", 1));
}

void infer_svm_regressor(InferContext& ctx) {
  set_rows(ctx, 0, DataType::float32, 1);
}

void infer_tree_regressor(InferContext& ctx) {
  set_rows(ctx, 0, DataType::float32, ctx.attributes().integer("n_targets", 1));
}

void infer_tree_ensemble(InferContext& ctx) {
  set_rows(ctx, 0, ctx.dtype(0), ctx.attributes().integer("n_targets", 1));
}

std::int64_t classes_of(const Attributes& attributes) {
  return length_of_any(attributes, {"classlabels_strings", "classlabels_ints", "classlabels_int64s"});
}

/// Outputs: a label, and `scores` numbers for each row.
void set_classes(InferContext& ctx, std::int64_t scores) {
  const bool text = length_of(ctx.attributes(), "classlabels_strings") > 0;
  const auto rows = rows_of(ctx);
  ctx.set(0, text ? DataType::string : DataType::int64, rows ? std::optional(Shape{*rows}) : std::nullopt);
  set_rows(ctx, 1, DataType::float32, scores);
}

void infer_classifier(InferContext& ctx) {
  set_classes(ctx, classes_of(ctx.attributes()));
}

/// Without probabilities, scores are those of each pair of classes.
void infer_svm_classifier(InferContext& ctx) {
  const std::int64_t classes = classes_of(ctx.attributes());
  const bool pairs = classes > 2 && length_of(ctx.attributes(), "prob_a") == 0 &&
                     length_of(ctx.attributes(), "vectors_per_class") > 0;
  set_classes(ctx, pairs ? saturating_mul(classes, classes - 1) / 2 : classes);
}

// --- Costs

struct Table {
  std::int64_t rows = 1;
  std::int64_t features = 1;
};

std::optional<Table> table_of(const Graph& graph, const Node& node) {
  const auto in = input_sizes(graph, node, 0);
  if (!in || in->empty()) return std::nullopt;
  const std::int64_t features = in->back();
  return Table{features > 0 ? product(*in) / features : 0, features};
}

std::optional<Work> linear_work(const Graph& graph, const Node& node) {
  const auto table = table_of(graph, node);
  if (!table) return std::nullopt;
  const std::int64_t intercepts = saturating_mul(table->rows, length_of(node.attributes, "intercepts"));
  return work_of(Macs{saturating_mul(table->rows, length_of(node.attributes, "coefficients"))},
                 Flops{intercepts});
}

std::optional<Work> svm_work(const Graph& graph, const Node& node) {
  const auto table = table_of(graph, node);
  if (!table) return std::nullopt;
  const std::int64_t coefficients = length_of(node.attributes, "coefficients");
  const std::int64_t support = length_of(node.attributes, "support_vectors");
  if (support == 0) return work_of(Macs{saturating_mul(table->rows, coefficients)});
  const std::int64_t vectors = support / std::max<std::int64_t>(1, table->features);
  return work_of(Macs{saturating_mul(table->rows, saturating_add(support, coefficients))},
                 Flops{saturating_mul(table->rows, vectors)} * 2);
}

std::optional<Work> tree_work(const Graph& graph, const Node& node) {
  const auto table = table_of(graph, node);
  if (!table) return std::nullopt;
  const auto ids = node.attributes.integers("nodes_treeids");
  std::int64_t trees = length_of(node.attributes, "tree_roots");
  if (trees == 0) trees = static_cast<std::int64_t>(std::set(ids.begin(), ids.end()).size());
  const std::int64_t nodes = length_of(node.attributes, "nodes_featureids");
  if (trees == 0 || nodes < trees) return Work{};
  const auto depth = static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(nodes / trees))) - 1;
  return Work{{}, Flops{product({table->rows, trees, depth})}};
}

constexpr OpSpec prepares(std::string_view name, int min_inputs, int max_inputs, void (*infer)(InferContext&),
                          std::optional<Work> (*work)(const Graph&, const Node&) = no_work,
                          std::string_view rule = "looks up or moves data only") {
  return {name, kMl, min_inputs, max_inputs, 1, "x", infer, work, rule};
}

constexpr OpSpec model(std::string_view name, int outputs, void (*infer)(InferContext&),
                       std::optional<Work> (*work)(const Graph&, const Node&), std::string_view rule) {
  return {name, kMl, 1, 1, outputs, "x", infer, work, rule};
}

constexpr std::string_view kLinearRule =
    "rows times coefficients multiply-accumulates; 1 FLOP per row and intercept";
constexpr std::string_view kSvmRule =
    "rows times elements of the support vectors and coefficients; kernel function: 2 FLOPs per row and "
    "vector";
constexpr std::string_view kTreeRule =
    "each row descends each tree, taken as balanced: ⌊log₂ of its nodes⌋ comparisons";

constexpr OpSpec kSpecs[] = {
    prepares("Scaler", 1, 1, infer_real, per_output<2>, "offset, scale: 2 per element"),
    prepares("Normalizer", 1, 1, infer_real, per_output<3>, "power, sum, division: 3 per element"),
    prepares("Binarizer", 1, 1, like_first, per_output<1>, "1 per element"),
    prepares("Imputer", 1, 1, like_first, per_output<1>, "1 per element"),
    {"ArrayFeatureExtractor", kMl, 2, 2, 1, "xi", infer_extractor, no_work, "moves data only",
     Traffic::gathers},
    prepares("CategoryMapper", 1, 1, infer_category_mapper),
    prepares("LabelEncoder", 1, 1, infer_label_encoder),
    prepares("OneHotEncoder", 1, 1, infer_one_hot_encoder),
    prepares("FeatureVectorizer", 1, kAny, infer_feature_vectorizer),
    prepares("DictVectorizer", 1, 1, infer_dict_vectorizer),
    prepares("CastMap", 1, 1, infer_cast_map),
    prepares("ZipMap", 1, 1, infer_zip_map),

    model("LinearRegressor", 1, infer_linear_regressor, linear_work, kLinearRule),
    model("LinearClassifier", 2, infer_classifier, linear_work, kLinearRule),
    model("SVMRegressor", 1, infer_svm_regressor, svm_work, kSvmRule),
    model("SVMClassifier", 2, infer_svm_classifier, svm_work, kSvmRule),
    model("TreeEnsembleRegressor", 1, infer_tree_regressor, tree_work, kTreeRule),
    model("TreeEnsembleClassifier", 2, infer_classifier, tree_work, kTreeRule),
    model("TreeEnsemble", 1, infer_tree_ensemble, tree_work, kTreeRule),
};

}  // namespace

std::span<const OpSpec> ml_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
