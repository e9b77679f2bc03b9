#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "formats/mmdnn/model.h"
#include "formats/protobuf/protobuf.h"

namespace foretime::mmdnn {
namespace {

using annette::Integers;
using annette::Value;
using annette::Values;

enum class GraphField : protozero::pbf_tag_type { node = 1 };
enum class NodeField : protozero::pbf_tag_type { name = 1, op = 2, input = 3, attr = 4 };
enum class EntryField : protozero::pbf_tag_type { key = 1, value = 2 };
enum class AttrField : protozero::pbf_tag_type { list = 1, s = 2, i = 3, f = 4, b = 5, type = 6, shape = 7 };
enum class ListField : protozero::pbf_tag_type { s = 2, i = 3, f = 4, b = 5, type = 6, shape = 7 };
enum class ShapeField : protozero::pbf_tag_type { dim = 2, unknown_rank = 3 };
enum class DimField : protozero::pbf_tag_type { size = 1 };

constexpr std::size_t kMostNodes = 1'000'000;

template <typename Field>
protozero::pbf_message<Field> sub(const protozero::data_view& bytes) {
  return message_of<Field>(view(bytes));
}

Value shape_from(const protozero::data_view& bytes) {
  Integers sizes;
  auto shape = sub<ShapeField>(bytes);
  while (shape.next(ShapeField::dim)) {
    auto dim = sub<DimField>(shape.get_view());
    std::int64_t size = 0;
    while (dim.next(DimField::size)) size = dim.get_int64();
    sizes.push_back(size);
  }
  return {std::move(sizes)};
}

/// Numbers of a repeated field, packed or not.
template <typename Message, typename One, typename Packed, typename Add>
void numbers_from(Message& message, One one, Packed packed, Add add) {
  if (message.wire_type() != protozero::pbf_wire_type::length_delimited) return add((message.*one)());
  for (const auto number : (message.*packed)()) add(number);
}

Value list_from(const protozero::data_view& bytes) {
  using List = protozero::pbf_message<ListField>;
  Integers integers;
  Values others;
  auto list = sub<ListField>(bytes);
  while (list.next()) {
    switch (list.tag()) {
      case ListField::s:
        others.push_back({list.get_string()});
        break;
      case ListField::i:
        numbers_from(list, &List::get_int64, &List::get_packed_int64,
                     [&](std::int64_t number) { integers.push_back(number); });
        break;
      case ListField::f:
        numbers_from(list, &List::get_float, &List::get_packed_float,
                     [&](float number) { others.push_back({static_cast<double>(number)}); });
        break;
      case ListField::b:
        numbers_from(list, &List::get_bool, &List::get_packed_bool,
                     [&](bool flag) { others.push_back({flag}); });
        break;
      case ListField::shape:
        others.push_back(shape_from(list.get_view()));
        break;
      default:
        list.skip();
    }
  }
  if (others.empty()) return {std::move(integers)};
  return {std::move(others)};
}

Value attribute_from(const protozero::data_view& bytes) {
  Value value;
  auto attr = sub<AttrField>(bytes);
  while (attr.next()) {
    switch (attr.tag()) {
      case AttrField::list:
        value = list_from(attr.get_view());
        break;
      case AttrField::s:
        value.held = attr.get_string();
        break;
      case AttrField::i:
        value.held = attr.get_int64();
        break;
      case AttrField::f:
        value.held = static_cast<double>(attr.get_float());
        break;
      case AttrField::b:
        value.held = attr.get_bool();
        break;
      case AttrField::shape:
        value = shape_from(attr.get_view());
        break;
      default:
        attr.skip();
    }
  }
  return value;
}

void add_attribute(const protozero::data_view& bytes, Node& node) {
  auto entry = sub<EntryField>(bytes);
  std::string key;
  Value value;
  while (entry.next()) {
    switch (entry.tag()) {
      case EntryField::key:
        key = entry.get_string();
        break;
      case EntryField::value:
        value = attribute_from(entry.get_view());
        break;
      default:
        entry.skip();
    }
  }
  node.attributes.emplace_back(std::move(key), std::move(value));
}

Node node_from(const protozero::data_view& bytes) {
  Node node;
  auto message = sub<NodeField>(bytes);
  while (message.next()) {
    switch (message.tag()) {
      case NodeField::name:
        node.name = message.get_string();
        break;
      case NodeField::op:
        node.op = message.get_string();
        break;
      case NodeField::input:
        node.inputs.push_back(message.get_string());
        break;
      case NodeField::attr:
        add_attribute(message.get_view(), node);
        break;
      default:
        message.skip();
    }
  }
  return node;
}

/// The bytes begin with a map entry: a key that is text.
bool looks_like_entry(std::string_view bytes) {
  auto entry = message_of<EntryField>(bytes);
  return entry.next() && entry.tag() == EntryField::key && is_utf8(view(entry.get_view()));
}

bool looks_like_node(std::string_view bytes) {
  auto node = message_of<NodeField>(bytes);
  bool named = false;
  while (node.next()) {
    if (node.wire_type() != protozero::pbf_wire_type::length_delimited) return false;
    const std::string_view content = view(node.get_view());
    if (node.tag() > NodeField::attr) return false;  // TensorFlow's nodes have their attributes in field 5
    if (node.tag() == NodeField::name) named = !content.empty() && is_utf8(content);
    if (node.tag() == NodeField::attr && !looks_like_entry(content)) return false;
  }
  return named;
}

}  // namespace

const annette::Value* Node::find(std::string_view attribute) const {
  const auto found = std::find_if(attributes.rbegin(), attributes.rend(),
                                  [&](const auto& member) { return member.first == attribute; });
  return found == attributes.rend() ? nullptr : &found->second;
}

bool is_protobuf(std::string_view bytes) {
  constexpr char kFirstField = 0x0a;  // field 1, length-delimited
  if (bytes.empty() || bytes[0] != kFirstField) return false;
  try {
    auto graph = message_of<GraphField>(bytes);
    return graph.next() && looks_like_node(view(graph.get_view()));
  } catch (const protozero::exception&) {
    return false;
  }
}

Model parse_protobuf(std::string_view bytes, const std::string& origin) {
  Model model;
  try {
    auto graph = message_of<GraphField>(bytes);
    while (graph.next(GraphField::node)) {
      if (model.nodes.size() == kMostNodes) throw Error(origin, "has more than a million nodes");
      model.nodes.push_back(node_from(graph.get_view()));
    }
  } catch (const protozero::exception& error) {
    throw Error(origin, std::string("is no MMdnn model: ") + error.what());
  }
  return model;
}

}  // namespace foretime::mmdnn
