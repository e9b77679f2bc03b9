// One function for each kind of object in docs/ir-json.md. A GraphBuilder keeps the promises of Graph; errors
// it reports get the place of the value they came from.

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/suggest.h"
#include "formats/ir_json/ir_json.h"
#include "formats/ir_json/json_cursor.h"
#include "graph/graph_builder.h"
#include "graph/literals.h"

namespace foretime {
namespace {

constexpr int kDeepest = 64;  // as in the text form

struct Body {
  Graph graph;
  std::vector<std::string> captures;  // names of tensors around it
};

/// A graph being read.
struct Scope {
  GraphBuilder builder;
  int depth;
  std::vector<bool> defined;  // per tensor: something produces it
  std::vector<std::string> captures;
};

Body read_graph(const JsonCursor& cursor, int depth);

TensorId mention(Scope& scope, const JsonCursor& name) {
  const TensorId id = name.at_place([&] { return scope.builder.tensor(name.string()); });
  if (index(id) == scope.defined.size()) scope.defined.push_back(false);
  return id;
}

Dim read_size(const JsonCursor& cursor) {
  if (cursor.is_string()) return Dim::named(cursor.string());
  if (!cursor.json().is_object()) return cursor.integer();
  cursor.check_keys({"name", "lower", "upper"});
  std::string name;
  std::int64_t lower = 0;
  std::int64_t upper = Dim::kUnbounded;
  cursor.with("name", [&](const JsonCursor& value) { name = value.string(); });
  cursor.with("lower", [&](const JsonCursor& value) { lower = value.integer(); });
  cursor.with("upper", [&](const JsonCursor& value) { upper = value.integer(); });
  if (!cursor.json().contains("name")) throw cursor.error("has no key 'name'", "the name of the size");
  if (lower > upper) throw cursor.error("no number lies in these bounds", "lower is at most upper");
  return Dim::named(std::move(name), lower, upper);
}

DataType read_data_type(const JsonCursor& cursor) {
  const std::string name = cursor.string();
  const DataType type = data_type_named(name);
  if (type != DataType::undefined || name == name_of(type)) return type;
  std::vector<std::string> known;
  for (int i = 0; i < kDataTypes; ++i) known.emplace_back(name_of(static_cast<DataType>(i)));
  throw cursor.error("unknown type '" + name + "'", suggestion(name, known));
}

TensorType read_type(const JsonCursor& cursor) {
  TensorType type;
  cursor.with("sequence", [&](const JsonCursor& value) { type.sequence = value.boolean(); });
  cursor.with("dtype", [&](const JsonCursor& value) { type.dtype = read_data_type(value); });
  cursor.with("shape", [&](const JsonCursor& value) {
    type.shape.emplace();
    value.each_element([&](const JsonCursor& size) { type.shape->push_back(read_size(size)); });
  });
  return type;
}

/// A number as graph/literals.h reads it; empty if it is none.
std::string literal_of(const Json& json) {
  if (json.is_boolean()) return json.get<bool>() ? "true" : "false";
  if (json.is_number_float()) return literal(json.get<double>());
  if (json.is_number()) return json.dump();
  const bool special = json == "nan" || json == "inf" || json == "-inf";
  return special ? json.get<std::string>() : std::string();
}

ConstantData read_values(const JsonCursor& cursor, const TensorType& type) {
  if (cursor.json().is_null()) return {};
  if (cursor.json() == "derived") {
    ConstantData data;
    data.encoding = Encoding::derived;
    return data;
  }
  if (!cursor.json().is_array())
    throw cursor.error("is no list", "a flat list of numbers, null, or \"derived\"");
  if (!has_literals(type)) {
    throw cursor.error("a constant of type " + to_string(type) + " cannot have values here",
                       "null, or a type like int64[2] or float32[3,4]");
  }
  ConstantWriter values(type.dtype);
  cursor.each_element([&](const JsonCursor& value) {
    const std::string number = literal_of(value.json());
    if (!number.empty() && values.add(number)) return;
    throw value.error("is no " + std::string(name_of(type.dtype)), "a number of that type, in a flat list");
  });
  const std::int64_t needed = elements_of(*type.shape);
  if (std::cmp_not_equal(values.count(), needed)) {
    throw cursor.error(std::to_string(values.count()) + " values for " + to_string(type),
                       std::to_string(needed) + " are needed");
  }
  return std::move(values).finish();
}

float read_float(const JsonCursor& cursor) {
  const std::string number = cursor.json().is_boolean() ? std::string() : literal_of(cursor.json());
  const auto value = real_named(number);
  if (!value) throw cursor.error("is no float", "a number of that range, \"inf\", \"-inf\" or \"nan\"");
  return *value;
}

std::vector<float> read_floats(const JsonCursor& cursor) {
  std::vector<float> values;
  cursor.each_element([&](const JsonCursor& value) { values.push_back(read_float(value)); });
  return values;
}

std::vector<std::string> read_strings(const JsonCursor& cursor) {
  std::vector<std::string> values;
  cursor.each_element([&](const JsonCursor& value) { values.push_back(value.string()); });
  return values;
}

Attribute read_list(const JsonCursor& cursor) {
  bool strings = false;
  bool floats = false;
  cursor.each_element([&](const JsonCursor& value) {
    strings = strings || value.is_string();
    floats = floats || value.json().is_number_float();
  });
  if (strings) return read_strings(cursor);
  if (floats) return read_floats(cursor);
  std::vector<std::int64_t> values;
  cursor.each_element([&](const JsonCursor& value) { values.push_back(value.integer()); });
  return values;
}

TensorAttribute read_tensor_attribute(const JsonCursor& cursor) {
  cursor.check_keys({"dtype", "shape", "sequence", "values"});
  TensorAttribute tensor;
  tensor.type = read_type(cursor);
  cursor.with("values", [&](const JsonCursor& values) { tensor.data = read_values(values, tensor.type); });
  return tensor;
}

/// {"float": 1} and the like, where the value alone does not show its kind.
Attribute read_named_kind(const JsonCursor& cursor) {
  cursor.check_keys({"float", "floats", "strings", "tensor", "graph", "hex"});
  if (cursor.json().size() != 1)
    throw cursor.error("names no kind of attribute", "one key, such as \"tensor\"");
  Attribute out;
  cursor.with("float", [&](const JsonCursor& value) { out = read_float(value); });
  cursor.with("floats", [&](const JsonCursor& value) { out = read_floats(value); });
  cursor.with("strings", [&](const JsonCursor& value) { out = read_strings(value); });
  cursor.with("tensor", [&](const JsonCursor& value) { out = read_tensor_attribute(value); });
  return out;
}

/// Any attribute but a graph.
Attribute read_attribute(const JsonCursor& cursor) {
  const Json& json = cursor.json();
  if (cursor.is_string()) return cursor.string();
  if (json.is_boolean()) return std::int64_t{json.get<bool>()};
  if (json.is_number_float()) return read_float(cursor);
  if (json.is_number()) return cursor.integer();
  if (json.is_array()) return read_list(cursor);
  if (json.is_object()) return read_named_kind(cursor);
  throw cursor.error("is no attribute", "a number, a string, a list, {\"tensor\": …} or {\"graph\": …}");
}

void read_subgraph(Scope& scope, Node& node, const std::string& attribute, const JsonCursor& cursor) {
  Body body = read_graph(cursor, scope.depth + 1);
  std::vector<TensorId> captures;
  for (const std::string& name : body.captures) {
    const TensorId id = cursor.at_place([&] { return scope.builder.tensor(name); });
    if (index(id) == scope.defined.size()) scope.defined.push_back(false);
    captures.push_back(id);
  }
  node.subgraphs.push_back({attribute, std::move(body.graph), std::move(captures)});
}

void read_attributes(Scope& scope, Node& node, const JsonCursor& cursor) {
  std::vector<std::pair<std::string, Attribute>> items;
  std::unordered_set<std::string> names;
  cursor.each_item([&](const std::string& name, const JsonCursor& value) {
    if (!names.insert(name).second) throw value.error("attribute '" + name + "' is given twice");
    if (value.json().is_object() && value.json().size() == 1 && value.json().contains("graph")) {
      value.with("graph", [&](const JsonCursor& body) { read_subgraph(scope, node, name, body); });
    } else {
      items.emplace_back(name, read_attribute(value));
    }
  });
  node.attributes = Attributes(std::move(items));
}

void read_outputs(Scope& scope, Node& node, const JsonCursor& cursor) {
  cursor.each_element([&](const JsonCursor& output) {
    node.outputs.push_back(output.json().is_null() ? kNoTensor : mention(scope, output));
    if (node.outputs.back() == kNoTensor) return;
    const std::size_t i = index(node.outputs.back());
    if (scope.defined[i]) throw output.error("tensor '" + output.string() + "' is defined twice");
    scope.defined[i] = true;
  });
}

void read_node(Scope& scope, const JsonCursor& cursor) {
  cursor.check_keys({"name", "op", "domain", "inputs", "outputs", "attributes", "source_op", "module_path"});
  Node node;
  cursor.with("name", [&](const JsonCursor& value) { node.name = value.string(); });
  cursor.with("op", [&](const JsonCursor& value) { node.op = value.string(); });
  cursor.with("domain", [&](const JsonCursor& value) { node.domain = value.string(); });
  cursor.with("source_op", [&](const JsonCursor& value) { node.source_op = value.string(); });
  cursor.with("module_path", [&](const JsonCursor& value) { node.module_path = value.string(); });
  if (!cursor.json().contains("op")) throw cursor.error("has no key 'op'", "the operator, as ONNX names it");
  cursor.with("inputs", [&](const JsonCursor& inputs) {
    inputs.each_element([&](const JsonCursor& input) {
      node.inputs.push_back(input.json().is_null() ? kNoTensor : mention(scope, input));
    });
  });
  cursor.with("outputs", [&](const JsonCursor& outputs) { read_outputs(scope, node, outputs); });
  cursor.with("attributes", [&](const JsonCursor& attributes) { read_attributes(scope, node, attributes); });
  cursor.at_place([&] { scope.builder.add_node(std::move(node)); });
}

/// A tensor with its type, and with "values" if it is a constant.
TensorId read_tensor(Scope& scope, const JsonCursor& cursor) {
  cursor.check_keys({"name", "dtype", "shape", "sequence", "values"});
  if (!cursor.json().contains("name")) throw cursor.error("has no key 'name'", "the name of the tensor");
  TensorId id = kNoTensor;
  cursor.with("name", [&](const JsonCursor& name) {
    if (scope.builder.find(name.string())) throw name.error("tensor '" + name.string() + "' is listed twice");
    id = mention(scope, name);
  });
  const TensorType type = read_type(cursor);
  scope.builder.set_type(id, type);
  cursor.with("values", [&](const JsonCursor& values) {
    scope.builder.add_constant(scope.builder[id].name, type, read_values(values, type));
    scope.defined[index(id)] = true;
  });
  return id;
}

void read_input(Scope& scope, const JsonCursor& cursor) {
  const bool typed = cursor.json().is_object() && !cursor.is_string();
  const TensorId id = typed ? read_tensor(scope, cursor) : mention(scope, cursor);
  const Tensor tensor = scope.builder[id];
  cursor.at_place([&] { scope.builder.add_input(tensor.name, tensor.type); });
  scope.defined[index(id)] = true;
}

void read_capture(Scope& scope, const JsonCursor& cursor) {
  const auto add = [&](const JsonCursor& name) {
    const Tensor tensor = scope.builder[mention(scope, name)];
    name.at_place([&] { scope.builder.add_capture(tensor.name, tensor.type); });
    scope.defined[index(*scope.builder.find(tensor.name))] = true;
    scope.captures.push_back(tensor.name);
  };
  if (cursor.is_string()) return add(cursor);
  cursor.check_keys({"name", "outer"});
  if (cursor.json().size() != 2)
    throw cursor.error("is no capture", "a name, or {\"name\": …, \"outer\": …}");
  if (scope.depth == 1) throw cursor.error("no graph lies around this one", "a name");
  cursor.with("name", add);
  cursor.with("outer", [&](const JsonCursor& outer) { scope.captures.back() = outer.string(); });
}

/// The error that nothing produces `name`, at the place where it is first read.
Error unproduced(const JsonCursor& graph, const std::string& name) {
  std::vector<Error> places;
  const auto look_at = [&](const JsonCursor& value) {
    if (places.empty() && value.is_string() && value.string() == name) {
      places.push_back(value.error("nothing produces '" + name + "'",
                                   "an input, a constant, a capture or a node's output"));
    }
  };
  graph.with("nodes", [&](const JsonCursor& nodes) {
    nodes.each_element([&](const JsonCursor& node) {
      node.with("inputs", [&](const JsonCursor& inputs) { inputs.each_element(look_at); });
    });
  });
  graph.with("outputs", [&](const JsonCursor& outputs) { outputs.each_element(look_at); });
  if (!places.empty()) return places.front();
  return graph.error("nothing produces '" + name + "'", "an input, a constant, a capture or a node's output");
}

void check_sources(const Scope& scope, const JsonCursor& graph) {
  const auto missing = std::find(scope.defined.begin(), scope.defined.end(), false);
  if (missing == scope.defined.end()) return;
  const auto id = static_cast<TensorId>(missing - scope.defined.begin());
  throw unproduced(graph, scope.builder[id].name);
}

Body read_graph(const JsonCursor& cursor, int depth) {
  if (depth > kDeepest) throw cursor.error("graphs nest too deep here", "at most 64 deep");
  std::vector<std::string> keys = {"name",     "opsets",  "metadata", "inputs",
                                   "captures", "outputs", "tensors",  "nodes"};
  if (depth == 1) keys.emplace_back("foretime.graph");
  cursor.check_keys(std::move(keys));

  std::string name;
  cursor.with("name", [&](const JsonCursor& value) { name = value.string(); });
  Scope scope{GraphBuilder(std::move(name)), depth, {}, {}};
  const auto each = [&](std::string_view key, auto read) {
    cursor.with(key, [&](const JsonCursor& list) {
      list.each_element([&](const JsonCursor& item) { read(scope, item); });
    });
  };
  cursor.with("opsets", [&](const JsonCursor& opsets) {
    opsets.each_item([&](const std::string& domain, const JsonCursor& version) {
      scope.builder.set_opset(domain, version.integer());
    });
  });
  cursor.with("metadata", [&](const JsonCursor& metadata) {
    metadata.each_item([&](const std::string& key, const JsonCursor& value) {
      scope.builder.add_metadata(key, value.string());
    });
  });
  // Types first: whoever defines a tensor finds its type there.
  each("tensors", [](Scope& to, const JsonCursor& item) { (void)read_tensor(to, item); });
  each("inputs", read_input);
  each("captures", read_capture);
  each("nodes", read_node);
  each("outputs", [](Scope& to, const JsonCursor& item) { to.builder.add_output(mention(to, item)); });
  check_sources(scope, cursor);
  return {cursor.at_place([&] { return std::move(scope.builder).build(); }), std::move(scope.captures)};
}

}  // namespace

Graph parse_ir_json(std::string_view text, std::string origin) {
  const Json document = parse_json(text, origin);
  const JsonCursor cursor(document, origin);
  if (!document.is_object() || !document.contains("foretime.graph")) {
    throw cursor.error("is no graph of Foretime", "an object with the key \"foretime.graph\": 1");
  }
  cursor.with("foretime.graph", [](const JsonCursor& version) {
    if (version.json() != 1)
      throw version.error("unknown version " + version.json().dump().substr(0, 20), "1");
  });
  return std::move(read_graph(cursor, 1).graph);
}

bool is_ir_json(std::string_view text) {
  const auto skip_blanks = [&] {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  };
  skip_blanks();
  if (!text.starts_with("{")) return false;
  text.remove_prefix(1);
  skip_blanks();
  return text.starts_with("\"foretime.graph\"");
}

}  // namespace foretime
