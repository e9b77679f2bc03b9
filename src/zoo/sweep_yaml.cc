#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/suggest.h"
#include "zoo/sweep.h"
#include "zoo/sweep_layers.h"

namespace foretime::zoo {
namespace {

constexpr std::size_t kMostNetworks = 100'000;
constexpr std::int64_t kLargest = 65'536;

struct Column {
  const char* name;
  char letter;            // in ids
  std::int64_t usual;     // 0: as `like`
  const char* like = "";  // empty: must be given
};
constexpr std::array<Column, 8> kColumns = {{{"batch_size", 'b', 1},
                                             {"width", 'w', 0},
                                             {"height", 'h', 0, "width"},
                                             {"channels", 'c', 0},
                                             {"filters", 'f', 0, "channels"},
                                             {"k_size", 'k', 3},
                                             {"stride", 's', 1},
                                             {"dilation", 'd', 1}}};

/// Values of a column, in order.
using Axis = std::pair<std::string, std::vector<std::int64_t>>;

class Reader {
 public:
  explicit Reader(const std::string& origin) : origin_(origin) {}

  Sweep read(const YAML::Node& top) {
    check_keys(top, {"foretime.sweep", "device", "benchmarks"});
    if (text(top, "foretime.sweep") != "1") fail(top, "has another version", "foretime.sweep: 1");
    sweep_.device = text(top, "device");
    const YAML::Node benchmarks = need(top, "benchmarks");
    if (!benchmarks.IsSequence()) fail(benchmarks, "benchmarks are no list", "- layers: …");
    for (const YAML::Node& each : benchmarks) add_benchmark(each);
    return std::move(sweep_);
  }

 private:
  [[noreturn]] void fail(const YAML::Node& at, const std::string& what,
                         const std::string& accepted = "") const {
    throw Error(origin_ + ":" + std::to_string(at.Mark().line + 1), what, accepted);
  }

  void check_keys(const YAML::Node& map, const std::vector<std::string>& known) const {
    if (!map.IsMap()) fail(map, "is no mapping", "KEY: VALUE");
    std::set<std::string> seen;
    for (const auto& each : map) {
      const std::string key = each.first.IsScalar() ? each.first.Scalar() : "";
      if (std::find(known.begin(), known.end(), key) == known.end())
        fail(each.first, "the unknown key '" + key + "'", suggestion(key, known));
      if (!seen.insert(key).second) fail(each.first, "the key '" + key + "' is there twice");
    }
  }

  YAML::Node need(const YAML::Node& map, const char* key) const {
    const YAML::Node found = map[key];
    if (!found) fail(map, "'" + std::string(key) + "' is missing");
    return found;
  }

  std::string text(const YAML::Node& map, const char* key) const {
    const YAML::Node found = need(map, key);
    if (!found.IsScalar() || found.Scalar().empty()) fail(found, "'" + std::string(key) + "' is no text");
    return found.Scalar();
  }

  bool flag(const YAML::Node& map, const char* key) const {
    const YAML::Node found = map[key];
    bool value = false;
    if (found && !YAML::convert<bool>::decode(found, value))
      fail(found, "'" + std::string(key) + "' is neither true nor false");
    return value;
  }

  std::int64_t size(const YAML::Node& node) const {
    std::int64_t value = 0;
    const bool whole = node.IsScalar() && YAML::convert<std::int64_t>::decode(node, value);
    if (!whole || value < 1 || value > kLargest) fail(node, "is no size", "1 to 65536");
    return value;
  }

  /// A list, {from, to, step} or {from, to, times}.
  std::vector<std::int64_t> values(const YAML::Node& node) const {
    std::vector<std::int64_t> all;
    if (node.IsSequence()) {
      for (const YAML::Node& each : node) all.push_back(size(each));
      if (all.empty()) fail(node, "is an empty list");
      return all;
    }
    if (node.IsScalar()) return {size(node)};
    check_keys(node, {"from", "to", "step", "times"});
    const std::int64_t to = size(need(node, "to"));
    const std::int64_t times = node["times"] ? size(node["times"]) : 1;
    const std::int64_t step = node["step"] ? size(node["step"]) : times > 1 ? 0 : 1;
    if (node["times"] && (node["step"] || times < 2))
      fail(node, "grows by 'step' or by 'times'", "one of them, times from 2");
    for (std::int64_t at = size(need(node, "from")); at <= to; at = at * times + step) all.push_back(at);
    if (all.empty()) fail(node, "ends before it begins");
    return all;
  }

  /// Names stand in names of files.
  std::string plain(const YAML::Node& at, const std::string& name) const {
    const auto safe = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
             c == '-';
    };
    if (name.empty() || name.size() > 100 || !std::all_of(name.begin(), name.end(), safe))
      fail(at, "'" + name + "' is no name", "at most 100 letters, digits, '_' and '-'");
    return name;
  }

  std::string column(const YAML::Node& key, bool any) const {
    const std::string name = plain(key, key.Scalar());
    std::vector<std::string> known;
    for (const Column& each : kColumns) known.emplace_back(each.name);
    if (!any && std::find(known.begin(), known.end(), name) == known.end())
      fail(key, "there is no column '" + name + "'", suggestion(name, known));
    return name;
  }

  std::vector<Axis> axes(const YAML::Node& benchmark, const char* key, bool any) const {
    std::vector<Axis> all;
    const YAML::Node map = benchmark[key];
    if (!map) return all;
    if (!map.IsMap()) fail(map, "'" + std::string(key) + "' is no mapping", "COLUMN: [1, 2, …]");
    for (const auto& each : map) all.emplace_back(column(each.first, any), values(each.second));
    return all;
  }

  void add_benchmark(const YAML::Node& benchmark) {
    check_keys(benchmark, {"name", "layers", "template", "at", "sweep", "grid", "pairs", "taps", "copies",
                           "padding"});
    const YAML::Node layers = benchmark["layers"];
    const YAML::Node file = benchmark["template"];
    if (static_cast<bool>(layers) == static_cast<bool>(file))
      fail(benchmark, "needs 'layers' or 'template'", "one of them");
    SweepNetwork network;
    if (file) network.file = text(benchmark, "template");
    if (layers) network.layers = layer_names(layers);
    network.family = plain(benchmark, benchmark["name"] ? text(benchmark, "name") : usual_name(network));
    pairs_ = flag(benchmark, "pairs");
    taps_ = flag(benchmark, "taps");
    padding_ = flag(benchmark, "padding");
    copies_ = benchmark["copies"] ? static_cast<int>(size(benchmark["copies"])) : 1;
    if (copies_ > 1 && !pairs_) fail(benchmark, "copies no pairs", "'pairs: true' with 'copies: N'");
    if (taps_ && !pairs_) fail(benchmark, "taps no pairs", "'pairs: true' with 'taps: true'");
    if (pairs_ && network.layers.size() < 2) fail(benchmark, "has no pairs", "two layers or more");
    if (padding_ && network.layers.empty()) fail(benchmark, "pads no template of a file", "layers");
    const bool any = file.IsDefined();
    for (const Axis& axis : axes(benchmark, "at", any)) {
      if (axis.second.size() != 1)
        fail(benchmark["at"], "'at' has several values of " + axis.first, "one; 'sweep' and 'grid' vary");
      network.columns[axis.first] = axis.second.front();
    }
    grid_ = axes(benchmark, "grid", any);
    sweeps_ = axes(benchmark, "sweep", any);
    add_grid(benchmark, network, 0);
  }

  static std::string usual_name(const SweepNetwork& network) {
    std::string name;
    for (const std::string& layer : network.layers) name += (name.empty() ? "" : "-") + layer;
    if (!name.empty()) return name;
    const std::string stem = network.file.substr(network.file.rfind('/') + 1);
    return stem.substr(0, stem.find('.'));
  }

  std::vector<std::string> layer_names(const YAML::Node& layers) const {
    std::vector<std::string> names;
    if (layers.IsScalar()) names.push_back(layers.Scalar());
    for (const YAML::Node& each : layers) names.push_back(each.IsScalar() ? each.Scalar() : "");
    if (names.empty()) fail(layers, "there are no layers");
    for (const std::string& name : names) {
      if (sweep_layer(name) == nullptr)
        fail(layers, "there is no layer '" + name + "'", suggestion(name, sweep_layers()));
    }
    return names;
  }

  /// Every combination of the grid; in each, every sweep one after the other.
  void add_grid(const YAML::Node& at, SweepNetwork& network, std::size_t axis) {
    if (axis < grid_.size()) {
      for (const std::int64_t value : grid_[axis].second) {
        network.columns[grid_[axis].first] = value;
        add_grid(at, network, axis + 1);
      }
      return;
    }
    if (sweeps_.empty()) return add(at, network);
    for (const auto& [column, values] : sweeps_) {
      SweepNetwork varied = network;
      for (const std::int64_t value : values) {
        varied.columns[column] = value;
        add(at, varied);
      }
    }
  }

  void add(const YAML::Node& at, SweepNetwork network) {
    if (++configurations_ > kMostNetworks) fail(at, "asks for more than 100000 networks");
    std::string id = network.family;
    if (network.file.empty()) {
      for (const Column& each : kColumns) {
        const auto [found, fresh] = network.columns.try_emplace(each.name, each.usual);
        if (!fresh) continue;
        if (found->second == 0 && std::string_view(each.like).empty())
          fail(at, "'" + std::string(each.name) + "' is not given",
               "at: {" + std::string(each.name) + ": …}");
        if (found->second == 0) found->second = network.columns.at(each.like);
      }
      for (const Column& each : kColumns)
        id += std::string("_") + each.letter + std::to_string(network.columns.at(each.name));
    } else {
      for (const auto& [column, value] : network.columns) id += "_" + column + std::to_string(value);
    }
    put(network, id, SweepPart::whole);
    if (padding_) {
      put(network, id, SweepPart::padded);
      put(network, id, SweepPart::padding);
    }
    if (!pairs_) return;
    network.taps = taps_;
    network.copies = copies_;
    for (network.begin = 0; network.begin + 1 < network.layers.size(); ++network.begin) {
      const std::string pair = network.layers.size() == 2 ? id : id + "." + std::to_string(network.begin + 1);
      for (const SweepPart part : parts_of_pair()) put(network, pair, part);
    }
  }

  std::vector<SweepPart> parts_of_pair() const {
    if (!taps_) return {SweepPart::first, SweepPart::second, SweepPart::both};
    return {SweepPart::first, SweepPart::both, SweepPart::first_tapped, SweepPart::both_tapped};
  }

  void put(SweepNetwork network, const std::string& id, SweepPart part) {
    network.part = part;
    network.pair = part == SweepPart::whole ? "" : id;
    network.id = part == SweepPart::whole ? id : id + "." + std::string(name_of(part));
    if (!ids_.insert(network.id).second) return;  // sweeps meet where they begin
    sweep_.networks.push_back(std::move(network));
  }

  std::string origin_;
  Sweep sweep_;
  std::set<std::string> ids_;
  std::size_t configurations_ = 0;  // equal ones counted, too
  // Of the benchmark at hand.
  std::vector<Axis> grid_;
  std::vector<Axis> sweeps_;
  bool pairs_ = false;
  bool taps_ = false;
  int copies_ = 1;
  bool padding_ = false;
};

}  // namespace

Sweep parse_sweep(std::string_view yaml, const std::string& origin) {
  try {
    return Reader(origin).read(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    throw Error(origin + ":" + std::to_string(error.mark.line + 1), error.msg);
  }
}

}  // namespace foretime::zoo
