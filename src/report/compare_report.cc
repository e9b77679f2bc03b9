#include "report/compare_report.h"

#include <fmt/format.h>

#include "report/json_parts.h"

namespace foretime::report {
namespace {

std::string side_text(const api::ComparedSide& side) {
  const RuntimeDescription& r = side.runtime;
  return fmt::format("{}  ({} {}, {}, {} {})", side.model, r.name, r.version, r.provider, r.threads,
                     r.threads == 1 ? "thread" : "threads");
}

/// What the verdict means, in a sentence.
std::string meaning(const api::CompareResult& result) {
  const double percent = (result.comparison.ratio - 1) * 100;
  switch (result.comparison.verdict) {
    case Difference::faster:
      return fmt::format("B takes {:.1f} % less time than A.", -percent);
    case Difference::slower:
      return fmt::format("B takes {:.1f} % more time than A.", percent);
    case Difference::same:
      return fmt::format("They differ by less than {:g} %.", result.same_within_percent);
    case Difference::undecided:
      break;
  }
  return fmt::format(
      "Not sure whether they differ by more than {:g} %: a larger --budget, or a quieter machine.",
      result.same_within_percent);
}

}  // namespace

std::string compare_json(const api::CompareResult& result) {
  const ComparisonResult& c = result.comparison;
  const auto side = [](JsonWriter& json, const char* key, const api::ComparedSide& of) {
    json.key(key);
    json.begin_object();
    json.field("model", of.model);
    json.field("model_hash", of.model_hash);
    json.key("runtime");
    json.begin_object();
    json.field("name", of.runtime.name);
    json.field("version", of.runtime.version);
    json.field("provider", of.runtime.provider);
    json.field("threads", of.runtime.threads);
    json.field("precision", of.runtime.precision);
    json.end_object();
    json.end_object();
  };
  JsonWriter json = begin_document("compare");
  side(json, "a", result.a);
  side(json, "b", result.b);
  json.field("ratio", c.ratio);
  json.array("ci95", std::vector<double>{c.ci95.low, c.ci95.high});
  json.field("verdict", name_of(c.verdict));
  json.field("same_within_percent", result.same_within_percent);
  json.field("duet", result.duet);
  json.field("pairs", c.pairs);
  json.field("rounds", c.rounds);
  json.field("dropped_rounds", c.dropped);
  json.field("cpu_signature", result.context.cpu_signature);
  json.array("processors", result.context.processors);
  json.field("seconds", result.time.value / 1e3);
  write_diagnostics(json, result.diagnostics);
  json.end_object();
  return json.take();
}

Document compare_document(const api::CompareResult& result) {
  const ComparisonResult& c = result.comparison;
  Document document;
  document.title = fmt::format("B is {}", name_of(c.verdict));
  document.facts = {{"A", side_text(result.a)},
                    {"B", side_text(result.b)},
                    {"run", result.duet ? "at the same time, on processors of their own"
                                        : "in turns, on the same processors"}};
  Table table;
  table.columns = {{.key = "verdict", .title = "verdict"},
                   {.key = "ratio", .title = "time B / A", .unit = Unit::ratio},
                   {.key = "ci95", .title = "95 % interval"},
                   {.key = "pairs", .title = "pairs of launches", .unit = Unit::count},
                   {.key = "rounds", .title = "rounds", .unit = Unit::count},
                   {.key = "dropped_rounds", .title = "dropped", .unit = Unit::count},
                   {.key = "seconds", .title = "seconds", .unit = Unit::ratio}};
  table.rows = {{std::string(name_of(c.verdict)), c.ratio,
                 fmt::format("{:.4f} … {:.4f}", c.ci95.low, c.ci95.high), static_cast<std::int64_t>(c.pairs),
                 static_cast<std::int64_t>(c.rounds), static_cast<std::int64_t>(c.dropped),
                 result.time.value / 1e3}};
  document.tables.push_back(std::move(table));
  document.remarks.push_back(meaning(result));
  document.diagnostics = result.diagnostics;
  return document;
}

}  // namespace foretime::report
