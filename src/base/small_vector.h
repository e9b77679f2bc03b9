#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <type_traits>
#include <vector>

namespace foretime {

/// A vector that asks for no memory while it holds at most N elements: sizes of a tensor, nodes of a pattern.
template <typename T, std::size_t N>
class SmallVector {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  using value_type = T;

  SmallVector() = default;
  explicit SmallVector(std::size_t count, const T& value = {}) { resize(count, value); }
  SmallVector(std::initializer_list<T> values) : SmallVector(values.begin(), values.end()) {}
  template <typename Iterator>
    requires(!std::is_integral_v<Iterator>)
  SmallVector(Iterator first, Iterator last) {
    for (; first != last; ++first) push_back(*first);
  }

  operator std::vector<T>() const { return {begin(), end()}; }  // NOLINT: the same elements

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() { return more_.empty() ? few_.data() : more_.data(); }
  T* end() { return begin() + size_; }
  const T* begin() const { return more_.empty() ? few_.data() : more_.data(); }
  const T* end() const { return begin() + size_; }
  T& operator[](std::size_t i) { return begin()[i]; }
  const T& operator[](std::size_t i) const { return begin()[i]; }
  const T& front() const { return *begin(); }
  const T& back() const { return *(end() - 1); }

  void push_back(T value) {
    if (size_ < N) {
      few_[size_++] = value;
      return;
    }
    if (more_.empty()) more_.assign(few_.begin(), few_.end());
    more_.push_back(value);
    ++size_;
  }
  void resize(std::size_t count, const T& value = {}) {
    while (size_ > count) pop_back();
    while (size_ < count) push_back(value);
  }
  void pop_back() {
    --size_;
    if (!more_.empty()) more_.pop_back();
    if (size_ == N) {
      std::copy(more_.begin(), more_.end(), few_.begin());
      more_.clear();
    }
  }

  friend bool operator==(const SmallVector& a, const SmallVector& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::size_t size_ = 0;
  std::array<T, N> few_{};
  std::vector<T> more_;  // all of them, when there are more than N
};

}  // namespace foretime
