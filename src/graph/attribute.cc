#include "graph/attribute.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace foretime {
namespace {

template <typename T>
const T* typed(const Attributes& attributes, std::string_view name, const char* expected) {
  const Attribute* found = attributes.find(name);
  if (found == nullptr) return nullptr;
  const T* value = std::get_if<T>(found);
  if (value == nullptr) throw Error("attribute " + std::string(name), std::string("is not ") + expected);
  return value;
}

}  // namespace

Attributes::Attributes(std::vector<Item> items) {
  if (!items.empty()) items_ = std::make_shared<Items>(std::move(items));
}

/// Items that nobody else holds.
Attributes::Items& Attributes::own() {
  if (!items_) items_ = std::make_shared<Items>();
  if (items_.use_count() > 1) items_ = std::make_shared<Items>(*items_);
  return *items_;
}

void Attributes::set(std::string name, Attribute value) {
  Items& items = own();
  for (auto& [known, held] : items) {
    if (known == name) {
      held = std::move(value);
      return;
    }
  }
  items.emplace_back(std::move(name), std::move(value));
}

void Attributes::erase(std::string_view name) {
  if (has(name)) std::erase_if(own(), [&](const auto& item) { return item.first == name; });
}

const Attribute* Attributes::find(std::string_view name) const {
  const Item* found = std::find_if(begin(), end(), [&](const Item& item) { return item.first == name; });
  return found == end() ? nullptr : &found->second;
}

std::int64_t Attributes::integer(std::string_view name, std::int64_t otherwise) const {
  const auto* value = typed<std::int64_t>(*this, name, "an integer");
  return value ? *value : otherwise;
}

double Attributes::real(std::string_view name, double otherwise) const {
  const auto* value = typed<float>(*this, name, "a number");
  return value ? static_cast<double>(*value) : otherwise;
}

std::string Attributes::text(std::string_view name, std::string_view otherwise) const {
  const auto* value = typed<std::string>(*this, name, "a string");
  return value ? *value : std::string(otherwise);
}

const std::vector<std::int64_t>& Attributes::integers(std::string_view name) const {
  static const std::vector<std::int64_t> kNone;
  const auto* value = typed<std::vector<std::int64_t>>(*this, name, "a list of integers");
  return value ? *value : kNone;
}

std::vector<float> Attributes::reals(std::string_view name) const {
  const auto* value = typed<std::vector<float>>(*this, name, "a list of numbers");
  return value ? *value : std::vector<float>{};
}

}  // namespace foretime
