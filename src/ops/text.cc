// Operators on strings. They are looked up and cut, not computed: none has a cost.

#include <algorithm>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

/// [words] or [1, words]: stop words are dropped, though one string is always left.
void infer_normalizer(InferContext& ctx) {
  std::optional<Shape> out = ctx.type(0).shape;
  const Attribute* stopwords = ctx.attributes().find("stopwords");
  if (out && !out->empty() && stopwords != nullptr) out->back() = ctx.running(out->back().upper());
  ctx.set(0, DataType::string, std::move(out));
}

void infer_concat(InferContext& ctx) {
  const Shape* a = ctx.shape(0);
  const Shape* b = ctx.shape(1);
  std::optional<Shape> out;
  if (a != nullptr && b != nullptr) out = broadcast(*a, *b);
  ctx.set(0, DataType::string, std::move(out));
}

/// Outputs: the parts of every string, and how many there are.
void infer_split(InferContext& ctx) {
  std::optional<Shape> out = ctx.type(0).shape;
  if (out) out->push_back(ctx.running(Dim::kUnbounded));
  ctx.set(0, DataType::string, std::move(out));
  ctx.set(1, DataType::int64, ctx.type(0).shape);
}

void infer_match(InferContext& ctx) {
  ctx.set(0, DataType::boolean, ctx.type(0).shape);
}

/// [words] or [rows, words] → one number for each n-gram that is looked for.
void infer_tf_idf(InferContext& ctx) {
  std::optional<Shape> out = ctx.type(0).shape;
  std::int64_t columns = 0;
  for (const std::int64_t place : ctx.attributes().integers("ngram_indexes")) {
    columns = std::max(columns, saturating_add(place, 1));
  }
  if (out && out->empty()) out->emplace_back(columns);
  if (out) out->back() = columns;
  ctx.set(0, DataType::float32, std::move(out));
}

void infer_tokenizer(InferContext& ctx) {
  std::optional<Shape> out = ctx.type(0).shape;
  if (out) out->push_back(ctx.running(Dim::kUnbounded));
  ctx.set(0, DataType::string, std::move(out));
}

constexpr OpSpec text(std::string_view name, std::string_view domain, int inputs, int outputs,
                      void (*infer)(InferContext&)) {
  return {name, domain, inputs, inputs, outputs, "x", infer, no_work, "work on strings is not counted"};
}

constexpr OpSpec kSpecs[] = {
    text("StringNormalizer", "", 1, 1, infer_normalizer), text("StringConcat", "", 2, 1, infer_concat),
    text("StringSplit", "", 1, 2, infer_split),           text("RegexFullMatch", "", 1, 1, infer_match),
    text("TfIdfVectorizer", "", 1, 1, infer_tf_idf),      text("Tokenizer", kMs, 1, 1, infer_tokenizer),
};

}  // namespace

std::span<const OpSpec> text_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
