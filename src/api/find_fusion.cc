#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <map>
#include <optional>

#include "api/sweep.h"
#include "base/error.h"
#include "base/json_object.h"
#include "base/line_reader.h"

namespace foretime::api {
namespace {

/// nn-Meter's alpha: what is saved must be more than this share of the cheaper layer.
constexpr double kSaved = 0.5;

struct Time {
  double ms = 0;
  double spread = 0;  // ms
};

/// The networks of a pair, as far as they were measured.
struct Pair {
  std::string first;
  std::string second;
  std::map<std::string, Time> times;  // by part
  std::optional<bool> together = {};  // one kernel ran both

  bool has(std::initializer_list<const char*> parts) const {
    return std::all_of(parts.begin(), parts.end(), [&](const char* part) { return times.contains(part); });
  }
};

/// What fusing saves of what the second layer takes by itself, or of the cheaper one's time; above a half they
/// are fused.
struct Saving {
  double saved = 0;
  double error = 0;  // how likely it is on the other side of a half
};

/// How likely a normal variable of that mean and deviation is below 0, or above where the mean is below.
double chance_of_other_sign(double mean, double deviation) {
  return deviation > 0 ? std::erfc(std::abs(mean) / deviation / std::sqrt(2)) / 2 : 0;
}

/// Nothing: it was not measured.
std::optional<Saving> saving_of(const Pair& pair) {
  double gain = 0;      // ms
  double scale = 0;     // ms: of which it is a share
  double variance = 0;  // of gain - kSaved * scale
  const auto add = [&](const char* part, double to_gain, double to_scale) {
    const Time& time = pair.times.at(part);
    gain += to_gain * time.ms;
    scale += to_scale * time.ms;
    const double weight = to_gain - kSaved * to_scale;
    variance += weight * weight * time.spread * time.spread;
  };
  if (pair.has({"first", "both", "first_tapped", "both_tapped"})) {
    add("both_tapped", 1, 1);
    add("first_tapped", -1, -1);
    add("both", -1, 0);
    add("first", 1, 0);
  } else if (pair.has({"first", "second", "both"})) {
    const bool first = pair.times.at("first").ms < pair.times.at("second").ms;
    add("first", 1, first ? 1 : 0);
    add("second", 1, first ? 0 : 1);
    add("both", -1, 0);
  } else {
    return std::nullopt;
  }
  const double error = chance_of_other_sign(gain - kSaved * scale, std::sqrt(variance));
  // A second layer that costs nothing saves nothing.
  return Saving{scale > 0 ? gain / scale : 0, error};
}

/// Words of fusion rules for layers of sweeps (docs/fusion-rules.md); others are called the same.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kWords = {{
    {"pointwise_conv", "conv"},
    {"avg_pool", "average_pool"},
    {"fully_connected", "gemm"},
    {"add", "Add"},
    {"concat", "Concat"},
    {"batch_norm", "BatchNormalization"},
    {"softmax", "Softmax"},
    {"relu", "Relu"},
    {"relu6", "Clip"},
    {"leaky_relu", "LeakyRelu"},
    {"sigmoid", "Sigmoid"},
    {"tanh", "Tanh"},
    {"silu", "silu"},
    {"hardswish", "HardSwish"},
}};
std::string word_of(const std::string& layer) {
  for (const auto& [from, to] : kWords) {
    if (from == layer) return std::string(to);
  }
  return layer;
}

/// Does one kernel of the list, each a list of layers by name, hold both?
bool runs_together(const Json& kernels, const Pair& pair, const std::string& where) {
  const auto holds = [](const Json& kernel, const std::string& layer) {
    return std::any_of(kernel.begin(), kernel.end(), [&](const Json& name) {
      // Operators of a layer are named by it: "silu/Mul".
      return name.is_string() &&
             name.get<std::string>().substr(0, name.get<std::string>().find_first_of("./")) == layer;
    });
  };
  if (!kernels.is_array()) throw Error(where, "'kernels' is no list", R"([["conv", "relu"]])");
  const std::string second = pair.second == pair.first ? pair.second + "2" : pair.second;
  return std::any_of(kernels.begin(), kernels.end(), [&](const Json& kernel) {
    return kernel.is_array() && holds(kernel, pair.first) && holds(kernel, second);
  });
}

void read_row(const Json& row, const std::string& where, std::map<std::string, Pair>& pairs) {
  JsonObject in(row, where);
  const std::string name = in.text_or_empty("pair");
  const std::string part = in.text_or_empty("part");
  constexpr std::array<std::string_view, 5> kParts = {"first", "second", "both", "first_tapped", "both_tapped"};
  if (name.empty() || std::find(kParts.begin(), kParts.end(), part) == kParts.end()) return;
  const Json& layers = in.need("layers");
  if (!layers.is_array() || layers.size() != 2 || !layers[0].is_string() || !layers[1].is_string())
    in.fail_at("layers", "are " + shown(layers), "two names");
  Pair& pair = pairs[name];
  pair.first = layers[0].get<std::string>();
  pair.second = layers[1].get<std::string>();
  const Json* time = in.find("latency_ms");
  const Json* spread = in.find("std_ms");
  if (time != nullptr && !time->is_null()) pair.times[part].ms = in.number("latency_ms", {1e-9, 1e12});
  if (spread != nullptr && !spread->is_null()) pair.times[part].spread = in.number("std_ms", {0, 1e12});
  const Json* kernels = in.find("kernels");
  if (part == "both" && kernels != nullptr && !kernels->is_null())
    pair.together = runs_together(*kernels, pair, where);
}

std::string rules_of(const std::vector<FusionRow>& rows) {
  std::string rules;
  for (const FusionRow& row : rows) {
    const std::string line = "fuse " + word_of(row.first) + " + " + word_of(row.second) + "\n";
    if (row.is_fused() && rules.find(line) == std::string::npos) rules += line;
  }
  return rules;
}

}  // namespace

FusionResult find_fusion(const std::string& table) {
  std::map<std::string, Pair> pairs;
  LineReader lines(table);
  std::string line;
  while (lines.next(line)) {
    if (!line.empty()) read_row(parse_json(line, lines.where()), lines.where(), pairs);
  }
  FusionResult result;
  std::map<std::pair<std::string, std::string>, FusionRow> rows;
  for (const auto& [name, pair] : pairs) {
    const std::optional<Saving> saving = saving_of(pair);
    if (!saving && !pair.together) {
      ++result.unmeasured;
      continue;
    }
    FusionRow& row = rows[{pair.first, pair.second}];
    row.first = pair.first;
    row.second = pair.second;
    ++row.pairs;
    if (saving) {
      row.saved_percent += 100 * saving->saved;
      row.error_percent += pair.together ? 0 : 100 * saving->error;
    }
    row.fused += pair.together.value_or(saving && saving->saved > kSaved) ? 1 : 0;
  }
  if (rows.empty()) {
    throw Error(table, pairs.empty() ? "holds no pairs" : "holds no pair that was measured",
                "the table of a sweep with 'pairs: true', its times filled in");
  }
  for (auto& [name, row] : rows) {
    row.saved_percent /= row.pairs;
    row.error_percent /= row.pairs;
    result.rows.push_back(std::move(row));
  }
  result.rules = rules_of(result.rows);
  return result;
}

}  // namespace foretime::api
