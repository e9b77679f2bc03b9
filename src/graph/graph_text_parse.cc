// Recursive descent over the tokens of a GraphTextCursor, one function for each rule of the grammar in
// graph_text.h. A GraphBuilder keeps the promises of Graph; errors it reports get the place of the statement
// they came from.

#include <array>
#include <cstddef>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "graph/graph_builder.h"
#include "graph/graph_text.h"
#include "graph/graph_text_cursor.h"
#include "graph/graph_text_values.h"

namespace foretime {
namespace {

constexpr int kDeepest = 64;  // bounds the recursion; models in use nest two or three deep

/// A tensor of the enclosing graph, and where a body captures it.
struct Capture {
  std::string outside;
  std::size_t at;
};

struct Body {
  Graph graph;
  std::vector<Capture> captures;
};

/// A graph being read.
struct Scope {
  GraphBuilder builder;
  bool outermost;
  std::vector<std::size_t> mentioned;  // per tensor: where it is first named
  std::vector<bool> defined;           // per tensor: something produces it
  std::vector<Capture> captures;
};

struct Typed {
  std::string name;
  TensorType type;
  std::size_t at;
};

class Parser {
 public:
  Parser(std::string_view text, std::string origin) : cursor_(text, std::move(origin)) {}

  Graph document() {
    cursor_.expect_word("graph");
    Body body = graph();
    if (cursor_.token().kind != Token::Kind::end) throw cursor_.unexpected("the end of the text");
    return std::move(body.graph);
  }

 private:
  // The keyword is taken already.
  Body graph();
  void statement(Scope& scope);
  void opset(Scope& scope);
  void metadata(Scope& scope);
  void input(Scope& scope);
  void output(Scope& scope);
  void capture(Scope& scope);
  void constant(Scope& scope);

  void node(Scope& scope);
  bool at_node_name() const;
  void results(Scope& scope, Node& node);
  void operation(Scope& scope, Node& node);
  void attributes(Scope& scope, Node& node);
  void subgraph(Scope& scope, Node& node, std::string attribute);

  Typed typed();
  TensorId mention(Scope& scope, std::string_view name, std::size_t at);
  /// The tensor has a source now, which `add` states to the builder.
  template <typename F>
  void define(Scope& scope, const Typed& tensor, F add);
  void check_sources(const Scope& scope) const;

  GraphTextCursor cursor_;
  int depth_ = 0;
};

Body Parser::graph() {
  const std::size_t at = cursor_.at();
  if (++depth_ > kDeepest) throw cursor_.error(at, "graphs nest too deep here", "at most 64 deep");
  std::string name = cursor_.token().is("{") ? "" : cursor_.name("a graph");
  Scope scope{GraphBuilder(std::move(name)), depth_ == 1, {}, {}, {}};
  cursor_.expect("{");
  while (!cursor_.take("}")) statement(scope);
  check_sources(scope);
  --depth_;
  return {cursor_.at_place(at, [&] { return std::move(scope.builder).build(); }), std::move(scope.captures)};
}

void Parser::statement(Scope& scope) {
  struct Statement {
    std::string_view keyword;
    void (Parser::*read)(Scope&);
  };
  constexpr std::array<Statement, 6> kStatements = {{{"opset", &Parser::opset},
                                                     {"metadata", &Parser::metadata},
                                                     {"input", &Parser::input},
                                                     {"output", &Parser::output},
                                                     {"capture", &Parser::capture},
                                                     {"const", &Parser::constant}}};
  for (const Statement& each : kStatements) {
    if (cursor_.take_keyword(each.keyword)) return (this->*each.read)(scope);
  }
  node(scope);
}

void Parser::opset(Scope& scope) {
  std::string domain = cursor_.name("an operator domain");
  scope.builder.set_opset(std::move(domain), cursor_.integer());
}

void Parser::metadata(Scope& scope) {
  std::string key = cursor_.name("a metadata entry");
  scope.builder.add_metadata(std::move(key), cursor_.name("its value"));
}

void Parser::input(Scope& scope) {
  do {
    const Typed tensor = typed();
    define(scope, tensor, [&] { scope.builder.add_input(tensor.name, tensor.type); });
  } while (cursor_.take(","));
}

void Parser::output(Scope& scope) {
  do {
    const std::size_t at = cursor_.at();
    scope.builder.add_output(mention(scope, cursor_.name("a tensor"), at));
  } while (cursor_.take(","));
}

void Parser::capture(Scope& scope) {
  const Typed tensor = typed();
  define(scope, tensor, [&] { scope.builder.add_capture(tensor.name, tensor.type); });
  Capture capture{tensor.name, tensor.at};
  if (cursor_.token().is("=")) {
    if (scope.outermost) throw cursor_.unexpected("nothing: no graph lies around this one");
    cursor_.expect("=");
    capture.at = cursor_.at();
    capture.outside = cursor_.name("a tensor of the graph around");
  }
  scope.captures.push_back(std::move(capture));
}

void Parser::constant(Scope& scope) {
  const Typed tensor = typed();
  ConstantData data = cursor_.take("=") ? parse_values(cursor_, tensor.type) : ConstantData{};
  define(scope, tensor, [&] { scope.builder.add_constant(tensor.name, tensor.type, std::move(data)); });
}

void Parser::node(Scope& scope) {
  const std::size_t at = cursor_.at();
  Node node;
  if (at_node_name()) {
    node.name = cursor_.name("a node");
    if (node.name.empty()) throw cursor_.error(at, "a node has an empty name", "leave name and colon out");
    cursor_.expect(":");
  }
  results(scope, node);
  cursor_.expect("=");
  operation(scope, node);
  if (cursor_.token().is("{")) attributes(scope, node);
  if (cursor_.take_keyword("from")) node.source_op = cursor_.name("an operator");
  if (cursor_.take_keyword("in")) node.module_path = cursor_.name("a module");
  cursor_.at_place(at, [&] { scope.builder.add_node(std::move(node)); });
}

/// What stands before a colon is the node, unless a type follows.
bool Parser::at_node_name() const {
  return cursor_.token().is_name() && cursor_.ahead(1).is(":") && !at_type(cursor_, 2);
}

void Parser::results(Scope& scope, Node& node) {
  if (cursor_.take("(")) return cursor_.expect(")");
  do {
    if (cursor_.take_word("_")) {
      node.outputs.push_back(kNoTensor);
      continue;
    }
    const Typed tensor = typed();
    // The builder hears of the source when the node is added.
    const TensorId id = mention(scope, tensor.name, tensor.at);
    if (scope.defined[index(id)])
      throw cursor_.error(tensor.at, "tensor '" + tensor.name + "' is defined twice");
    scope.defined[index(id)] = true;
    scope.builder.set_type(id, tensor.type);
    node.outputs.push_back(id);
  } while (cursor_.take(","));
}

void Parser::operation(Scope& scope, Node& node) {
  node.op = cursor_.name("an operator");
  if (cursor_.take("::")) node.domain = std::exchange(node.op, cursor_.name("an operator"));
  cursor_.expect("(");
  if (cursor_.take(")")) return;
  do {
    if (cursor_.take_word("_")) {
      node.inputs.push_back(kNoTensor);
    } else {
      const std::size_t at = cursor_.at();
      node.inputs.push_back(mention(scope, cursor_.name("a tensor"), at));
    }
  } while (cursor_.another_before(")"));
}

void Parser::attributes(Scope& scope, Node& node) {
  std::vector<std::pair<std::string, Attribute>> items;
  std::unordered_set<std::string> names;
  cursor_.expect("{");
  if (cursor_.take("}")) return;
  do {
    const std::size_t at = cursor_.at();
    std::string name = cursor_.name("an attribute");
    if (!names.insert(name).second) throw cursor_.error(at, "attribute '" + name + "' is given twice");
    cursor_.expect("=");
    if (cursor_.take_word("graph")) {
      subgraph(scope, node, std::move(name));
    } else {
      items.emplace_back(std::move(name), parse_attribute(cursor_));
    }
  } while (cursor_.another_before("}"));
  node.attributes = Attributes(std::move(items));
}

void Parser::subgraph(Scope& scope, Node& node, std::string attribute) {
  Body body = graph();
  std::vector<TensorId> captures;
  for (const Capture& capture : body.captures)
    captures.push_back(mention(scope, capture.outside, capture.at));
  node.subgraphs.push_back({std::move(attribute), std::move(body.graph), std::move(captures)});
}

Typed Parser::typed() {
  Typed tensor;
  tensor.at = cursor_.at();
  tensor.name = cursor_.name("a tensor");
  if (cursor_.take(":")) tensor.type = parse_type(cursor_);
  return tensor;
}

TensorId Parser::mention(Scope& scope, std::string_view name, std::size_t at) {
  const TensorId id = cursor_.at_place(at, [&] { return scope.builder.tensor(name); });
  if (index(id) == scope.mentioned.size()) {
    scope.mentioned.push_back(at);
    scope.defined.push_back(false);
  }
  return id;
}

template <typename F>
void Parser::define(Scope& scope, const Typed& tensor, F add) {
  const TensorId id = mention(scope, tensor.name, tensor.at);
  scope.defined[index(id)] = true;
  cursor_.at_place(tensor.at, add);
}

void Parser::check_sources(const Scope& scope) const {
  constexpr std::size_t kFewEnough = 1000;  // to be compared with a misspelt name
  const std::size_t count = scope.defined.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (scope.defined[i]) continue;
    std::vector<std::string> known;
    for (std::size_t k = 0; k < count && count <= kFewEnough; ++k) {
      if (scope.defined[k]) known.push_back(scope.builder[TensorId{static_cast<std::uint32_t>(k)}].name);
    }
    const std::string& name = scope.builder[TensorId{static_cast<std::uint32_t>(i)}].name;
    const std::string close = closest(name, known);
    throw cursor_.error(
        scope.mentioned[i], "nothing produces '" + name + "'",
        close.empty() ? "an input, a const, a capture or a node's result" : "did you mean " + close + "?");
  }
}

}  // namespace

Graph parse_text(std::string_view text, std::string origin) {
  return Parser(text, std::move(origin)).document();
}

}  // namespace foretime
