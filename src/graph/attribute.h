#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "graph/tensor.h"

namespace foretime {

/// A constant held by an attribute.
struct TensorAttribute {
  TensorType type;
  ConstantData data;
};

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                               std::vector<float>, std::vector<std::string>, TensorAttribute>;

/// Attributes of a node by name, in the order given. Names are ONNX's. Copies share what they hold until one
/// is changed: passes copy nodes, and hardly ever change an attribute.
/// The typed getters return the default when the attribute is absent; Error: it is there with another type.
class Attributes {
 public:
  using Item = std::pair<std::string, Attribute>;

  Attributes() = default;
  Attributes(std::initializer_list<Item> items) : Attributes(Items(items)) {}
  /// For readers: many calls of `set` take quadratic time. REQUIRES: the names are distinct.
  explicit Attributes(std::vector<Item> items);

  void set(std::string name, Attribute value);
  void erase(std::string_view name);
  const Attribute* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  double real(std::string_view name, double otherwise) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
  /// Empty when it is absent.
  const std::vector<std::int64_t>& integers(std::string_view name) const;
  std::vector<float> reals(std::string_view name) const;

  const Item* begin() const { return items_ ? items_->data() : nullptr; }
  const Item* end() const { return begin() + (items_ ? items_->size() : 0); }
  bool empty() const { return begin() == end(); }

 private:
  using Items = std::vector<Item>;
  Items& own();

  std::shared_ptr<Items> items_;  // null: none
};

}  // namespace foretime
