#include <type_traits>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "formats/annette/raw_graph.h"

namespace foretime::annette {
namespace {

/// Writes JSON as Python's json.dump(…, indent=4) does.
class Writer {
 public:
  std::string take() { return std::move(text_) + "\n"; }

  template <typename Items, typename Each>
  void block(char open, const Items& items, char close, Each each) {
    text_ += open;
    ++depth_;
    bool first = true;
    for (const auto& item : items) {
      text_ += first ? "" : ",";
      first = false;
      line();
      each(item);
    }
    --depth_;
    if (!first) line();
    text_ += close;
  }

  void string(const std::string& text) {
    if (!is_utf8(text)) throw Error(where_, "has a text that JSON cannot hold", "UTF-8");
    text_ += Json(text).dump();
  }

  void key(const std::string& name) {
    string(name);
    text_ += ": ";
  }

  void value(const Value& value) {
    std::visit([&](const auto& held) { write(held); }, value.held);
  }

  void names(const std::vector<std::string>& list) {
    block('[', list, ']', [&](const std::string& name) { string(name); });
  }

  void members(const Members& list) {
    block('{', list, '}', [&](const auto& member) {
      key(member.first);
      value(member.second);
    });
  }

  void layer(const RawLayer& layer) {
    where_ = layer.name;
    key(layer.name);
    Members all = {{"type", {layer.type}}, {"parents", {}}, {"children", {}}};
    all.insert(all.end(), layer.attributes.begin(), layer.attributes.end());
    std::size_t place = 0;
    block('{', all, '}', [&](const auto& member) {
      key(member.first);
      if (place == 1) {
        names(layer.parents);
      } else if (place == 2) {
        names(layer.children);
      } else {
        value(member.second);
      }
      ++place;
    });
  }

 private:
  void line() { text_ += "\n" + std::string(4 * depth_, ' '); }

  template <typename T>
  void write(const T& held) {
    if constexpr (std::is_same_v<T, std::monostate>) {
      text_ += "null";
    } else if constexpr (std::is_same_v<T, bool>) {
      text_ += held ? "true" : "false";
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      text_ += std::to_string(held);
    } else if constexpr (std::is_same_v<T, double>) {
      text_ += Json(held).dump();
    } else if constexpr (std::is_same_v<T, std::string>) {
      string(held);
    } else if constexpr (std::is_same_v<T, Integers>) {
      block('[', held, ']', [&](std::int64_t number) { write(number); });
    } else if constexpr (std::is_same_v<T, Values>) {
      block('[', held, ']', [&](const Value& item) { value(item); });
    } else {
      members(held);
    }
  }

  std::string text_;
  std::string where_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string to_json(const RawGraph& graph) {
  Writer writer;
  std::size_t place = 0;
  Members top = {{"name", {graph.name}}, {"layers", {}}};
  top.insert(top.end(), graph.others.begin(), graph.others.end());
  writer.block('{', top, '}', [&](const auto& member) {
    writer.key(member.first);
    if (place++ == 1) {
      writer.block('{', graph.layers, '}', [&](const RawLayer& layer) { writer.layer(layer); });
    } else {
      writer.value(member.second);
    }
  });
  return writer.take();
}

}  // namespace foretime::annette
