#pragma once

// ANNETTE's graph as its files hold it. What ANNETTE makes of a network depends on the order of the keys and
// of the names in `children`, which disagree with `parents` in some files, and templates have names of
// columns where networks have sizes. So its compatibility mode (kernels/annette) walks this and not a Graph.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/diagnostics.h"

namespace foretime::annette {

struct Value;
struct Member;
using Integers = std::vector<std::int64_t>;
using Values = std::vector<Value>;
using Members = std::vector<Member>;  // in the order of the keys

/// A JSON value. A list of integers, as nearly all lists are, is held as Integers, also an empty one.
struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Integers, Values, Members> held;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&held);
  }
  bool operator==(const Value&) const;
};

struct Member {
  std::string first;  // the key
  Value second;

  bool operator==(const Member&) const = default;
};

inline bool Value::operator==(const Value& other) const { return held == other.held; }

struct RawLayer {
  std::string name;
  std::string type;
  std::vector<std::string> parents;   // "layer", or "layer:k" for its output k; some may name no layer
  std::vector<std::string> children;  // layers
  Members attributes;                 // everything else, under its key: output_shape, kernel_shape, …

  /// Null: there is none of that name.
  const Value* find(std::string_view attribute) const;
  bool operator==(const RawLayer&) const = default;
};

struct RawGraph {
  std::string name;
  std::vector<RawLayer> layers;  // in the order of the keys; names are unique
  Members others;                // what else the file says: input_layers, output_layers, …

  bool operator==(const RawGraph&) const = default;
};

/// The part of "layer:k" before the first colon.
std::string_view layer_of(std::string_view parent);

/// A shape: its sizes, if all of them are numbers. Sizes are NHWC, batch included, -1 if not known.
const Integers* sizes(const RawLayer& layer, std::string_view attribute);

/// The text is a JSON object with "layers", an object, among its first keys.
bool is_raw_graph(std::string_view text);

/// Error, with where = "origin:line:column" or "origin: LAYER": the text is not JSON, or no graph, or has two
/// layers of one name. Takes time and memory linear in the text.
RawGraph parse_raw_graph(std::string_view text, const std::string& origin);

/// As ANNETTE writes it: keys in order, indented by 4.
/// Error, with where = the layer: a name that JSON cannot hold.
std::string to_json(const RawGraph& graph);

/// The names that stand for sizes anywhere in the graph: "width", and also the one in "2*width".
std::set<std::string> columns(const RawGraph& graph);

/// The graph with numbers instead of these names; `used` collects those that were there.
RawGraph with_columns(RawGraph graph, const std::map<std::string, std::int64_t>& numbers,
                      std::set<std::string>& used);

}  // namespace foretime::annette
