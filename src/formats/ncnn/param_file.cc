#include "formats/ncnn/param_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace foretime::ncnn {
namespace {

constexpr std::string_view kMagic = "7767517";
constexpr std::string_view kBlanks = " \t\r";
// A parameter's key, if it is an array: this number less the key.
constexpr int kArrays = -23300;
constexpr std::int64_t kMostInteger = std::int64_t{1} << 53;  // that a double holds exactly

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

template <typename T>
std::optional<T> number_of(std::string_view word) {
  T number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return number;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& origin) : rest_(text), origin_(origin) {}

  std::vector<Layer> layers() {
    std::string_view line = next_line();
    if (next_word(line) != kMagic) fail("does not begin with ncnn's magic number", std::string(kMagic));
    std::string_view counts = next_line();
    const auto layers = number_of<std::uint32_t>(next_word(counts));
    const auto blobs = number_of<std::uint32_t>(next_word(counts));
    if (!layers || !blobs) fail("has no counts of layers and blobs", "two numbers");
    std::vector<Layer> list;
    while (!rest_.empty()) {
      line = next_line();
      if (line.find_first_not_of(kBlanks) != std::string_view::npos) list.push_back(layer(line));
    }
    if (list.size() < *layers) {
      fail("says that it has " + std::to_string(*layers) + " layers, and has " + std::to_string(list.size()));
    }
    return list;
  }

 private:
  std::string_view next_line() {
    ++line_;
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    return line;
  }

  Layer layer(std::string_view line) const {
    Layer layer;
    layer.line = line_;
    layer.type = next_word(line);
    layer.name = next_word(line);
    const auto bottoms = number_of<std::uint32_t>(next_word(line));
    const auto tops = number_of<std::uint32_t>(next_word(line));
    if (!bottoms || !tops) fail("has no counts of blobs", "TYPE NAME 1 1 BLOB BLOB 0=1 …");
    layer.bottoms = words(line, *bottoms);
    layer.tops = words(line, *tops);
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      add_parameter(word, layer);
    }
    return layer;
  }

  std::vector<std::string_view> words(std::string_view& line, std::uint32_t count) const {
    std::vector<std::string_view> words;
    for (std::uint32_t i = 0; i < count; ++i) {
      words.push_back(next_word(line));
      if (words.back().empty() || words.back().find('=') != std::string_view::npos) {
        fail("names fewer blobs than it counts");
      }
    }
    return words;
  }

  void add_parameter(std::string_view word, Layer& layer) const {
    const std::size_t equals = word.find('=');
    const auto key = number_of<int>(word.substr(0, equals));
    if (equals == std::string_view::npos || !key) {
      fail("has the parameter '" + std::string(word) + "'", "NUMBER=VALUE");
    }
    std::string_view values = word.substr(equals + 1);
    const bool array = *key <= kArrays;
    if (values.starts_with('"')) return;  // a text: no size is
    std::vector<double> list;
    while (true) {
      const std::string_view value = values.substr(0, values.find(','));
      const auto number = number_of<double>(value);
      if (!number || !std::isfinite(*number)) {
        fail("has under " + std::to_string(*key) + " '" + std::string(value) + "'", "a number");
      }
      list.push_back(*number);
      if (value.size() == values.size()) break;
      values.remove_prefix(value.size() + 1);
    }
    if (array) {
      if (list.front() != static_cast<double>(list.size() - 1)) {
        fail("has under " + std::to_string(*key) + " another number of values than it says");
      }
      list.erase(list.begin());
    }
    layer.parameters[array ? kArrays - *key : *key] = std::move(list);
  }

  [[noreturn]] void fail(const std::string& what, const std::string& accepted = {}) const {
    throw Error(origin_ + ":" + std::to_string(line_), what, accepted);
  }

  std::string_view rest_;
  const std::string& origin_;
  std::size_t line_ = 0;
};

std::int64_t integer_of(double number) {
  constexpr auto kMost = static_cast<double>(kMostInteger);
  return static_cast<std::int64_t>(std::clamp(number, -kMost, kMost));
}

}  // namespace

std::int64_t Layer::integer(int key, std::int64_t otherwise) const {
  const auto found = parameters.find(key);
  return found == parameters.end() || found->second.empty() ? otherwise : integer_of(found->second.front());
}

double Layer::real(int key, double otherwise) const {
  const auto found = parameters.find(key);
  return found == parameters.end() || found->second.empty() ? otherwise : found->second.front();
}

std::vector<std::int64_t> Layer::integers(int key) const {
  std::vector<std::int64_t> list;
  if (const auto found = parameters.find(key); found != parameters.end()) {
    for (const double number : found->second) list.push_back(integer_of(number));
  }
  return list;
}

bool is_param_file(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.starts_with(kMagic) && text.size() > kMagic.size() &&
         (kBlanks.find(text[kMagic.size()]) != std::string_view::npos || text[kMagic.size()] == '\n');
}

std::vector<Layer> parse_param_file(std::string_view text, const std::string& origin) {
  return Parser(text, origin).layers();
}

}  // namespace foretime::ncnn
