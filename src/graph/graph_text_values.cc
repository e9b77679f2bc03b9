#include "graph/graph_text_values.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "graph/literals.h"

namespace foretime {
namespace {

using Kind = Token::Kind;

DataType parse_data_type(GraphTextCursor& cursor) {
  const Token word = cursor.token();
  if (word.kind != Kind::word) throw cursor.unexpected("a type such as float32[1,3,224,224]");
  const DataType type = data_type_named(word.text);
  if (type == DataType::undefined && word.text != name_of(type)) {
    std::vector<std::string> known;
    for (int i = 0; i < kDataTypes; ++i) known.emplace_back(name_of(static_cast<DataType>(i)));
    throw cursor.error(word.at, "unknown type " + shown(word), suggestion(word.text, known));
  }
  (void)cursor.any();
  return type;
}

Dim parse_size(GraphTextCursor& cursor) {
  if (cursor.token().kind == Kind::number) return cursor.integer();
  if (!cursor.token().is_name()) throw cursor.unexpected("a size: a number or a name");
  std::string name = cursor.name("a size");
  if (!cursor.take("(")) return Dim::named(std::move(name));
  const std::size_t at = cursor.at();
  const std::int64_t lower = cursor.integer();
  cursor.expect("..");
  const std::int64_t upper = cursor.token().is(")") ? Dim::kUnbounded : cursor.integer();
  cursor.expect(")");
  if (lower > upper) throw cursor.error(at, "no number lies in these bounds", "the lower one comes first");
  return Dim::named(std::move(name), lower, upper);
}

std::optional<Shape> parse_shape(GraphTextCursor& cursor) {
  if (!cursor.take("[")) throw cursor.unexpected("a shape: [] for a scalar, [?] if not known");
  if (cursor.take("?")) {
    cursor.expect("]");
    return std::nullopt;
  }
  Shape shape;
  if (cursor.take("]")) return shape;
  do {
    shape.push_back(parse_size(cursor));
  } while (cursor.another_before("]"));
  return shape;
}

/// What a number of the type looks like, for errors.
std::string range_of(DataType type) {
  if (type == DataType::boolean) return "true or false";
  if (is_integer(type)) return "an integer of that range";
  return "a number of that range, inf, -inf or nan";
}

bool is_value(const Token& token) {
  return token.kind == Kind::number || token.kind == Kind::word;
}

/// Not an integer: "1.0", "1e3", "inf".
bool is_real(const Token& token) {
  return token.kind == Kind::word || token.text.find_first_of(".eEi") != std::string_view::npos;
}

float real_of(const GraphTextCursor& cursor, const Token& token) {
  const auto value = is_value(token) ? real_named(token.text) : std::nullopt;
  if (!value) throw cursor.error(token.at, shown(token) + " is no float", range_of(DataType::float32));
  return *value;
}

std::int64_t integer_of(const GraphTextCursor& cursor, const Token& token) {
  const auto value = token.kind == Kind::number ? integer_named(token.text) : std::nullopt;
  if (!value) throw cursor.error(token.at, shown(token) + " is no integer of 64 bits");
  return *value;
}

std::string string_of(const GraphTextCursor& cursor, const Token& token) {
  if (token.kind != Kind::string)
    throw cursor.error(token.at, shown(token) + " is no string", "it has no quotes");
  return unescaped(token.text);
}

std::vector<Token> parse_items(GraphTextCursor& cursor) {
  std::vector<Token> items;
  cursor.expect("[");
  if (cursor.take("]")) return items;
  do {
    if (!is_value(cursor.token()) && cursor.token().kind != Kind::string)
      throw cursor.unexpected("a number or a string");
    items.push_back(cursor.any());
  } while (cursor.another_before("]"));
  return items;
}

template <typename T, typename F>
std::vector<T> converted(const GraphTextCursor& cursor, const std::vector<Token>& items, F convert) {
  std::vector<T> values;
  values.reserve(items.size());
  for (const Token& item : items) values.push_back(convert(cursor, item));
  return values;
}

Attribute parse_list(GraphTextCursor& cursor) {
  const bool strings = cursor.take_word("strings");
  const bool floats = !strings && cursor.take_word("floats");
  const std::vector<Token> items = parse_items(cursor);
  if (strings || (!items.empty() && items[0].kind == Kind::string)) {
    return converted<std::string>(cursor, items, string_of);
  }
  if (floats || std::any_of(items.begin(), items.end(), is_real))
    return converted<float>(cursor, items, real_of);
  return converted<std::int64_t>(cursor, items, integer_of);
}

}  // namespace

bool at_type(const GraphTextCursor& cursor, int distance) {
  const Token word = cursor.ahead(distance);
  if (word.kind != Kind::word) return false;
  const Token sign = cursor.ahead(distance + 1);
  return sign.is("[") || (word.text == "seq" && sign.is("("));
}

TensorType parse_type(GraphTextCursor& cursor) {
  TensorType type;
  type.sequence = cursor.token().is_word("seq") && cursor.ahead(1).is("(");
  if (type.sequence) {
    (void)cursor.any();
    cursor.expect("(");
  }
  type.dtype = parse_data_type(cursor);
  type.shape = parse_shape(cursor);
  if (type.sequence) cursor.expect(")");
  return type;
}

ConstantData parse_values(GraphTextCursor& cursor, const TensorType& type) {
  const std::size_t at = cursor.at();
  if (cursor.take_word("omitted")) return {};
  if (cursor.take_word("derived")) {
    ConstantData data;
    data.encoding = Encoding::derived;
    return data;
  }
  if (!cursor.take("{")) throw cursor.unexpected("values in braces, omitted, or derived");

  ConstantWriter values(type.dtype);
  if (!has_literals(type)) {
    throw cursor.error(at, "a constant of type " + to_string(type) + " cannot have values here",
                       "omitted, or a type like int64[2] or float32[3,4]");
  }
  if (!cursor.take("}")) {
    do {
      const Token token = cursor.any();
      if (is_value(token) && values.add(token.text)) continue;
      throw cursor.error(token.at, shown(token) + " is no " + std::string(name_of(type.dtype)),
                         range_of(type.dtype));
    } while (cursor.another_before("}"));
  }
  const std::int64_t needed = elements_of(*type.shape);
  if (std::cmp_not_equal(values.count(), needed)) {
    throw cursor.error(at, std::to_string(values.count()) + " values for " + to_string(type),
                       std::to_string(needed) + " are needed");
  }
  return std::move(values).finish();
}

Attribute parse_attribute(GraphTextCursor& cursor) {
  const Token first = cursor.token();
  const bool named_list = (first.is_word("strings") || first.is_word("floats")) && cursor.ahead(1).is("[");
  if (first.is("[") || named_list) return parse_list(cursor);
  if (at_type(cursor)) {
    TensorAttribute tensor;
    tensor.type = parse_type(cursor);
    tensor.data = parse_values(cursor, tensor.type);
    return tensor;
  }
  if (first.kind == Kind::string) return unescaped(cursor.any().text);
  if (first.kind == Kind::number && !is_real(first)) return integer_of(cursor, cursor.any());
  if (is_value(first) && real_named(first.text)) return real_of(cursor, cursor.any());
  throw cursor.unexpected(
      "a number, a string in quotes, a list, a tensor such as int64[2] {0, 1}, or a graph");
}

}  // namespace foretime
