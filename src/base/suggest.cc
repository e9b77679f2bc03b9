#include "base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace foretime {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string closest(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t kLongestWord = 128;  // the distance is quadratic; no name of ours is longer
  if (word.size() > kLongestWord) return {};
  // A third of the letters may differ: more is another word.
  std::size_t best = word.size() / 3 + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best || (distance == best && found.empty() && distance <= word.size() / 3)) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  if (std::string close = closest(word, candidates); !close.empty()) return "did you mean " + close + "?";
  constexpr std::size_t kShown = 12;
  std::string text = "one of ";
  for (std::size_t i = 0; i < std::min(candidates.size(), kShown); ++i) {
    if (i > 0) text += ", ";
    text += candidates[i];
  }
  if (candidates.size() > kShown) text += ", …";
  return text;
}

}  // namespace foretime
