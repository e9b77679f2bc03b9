#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace foretime {

static_assert(std::endian::native == std::endian::little, "packed numbers are little-endian");

/// Numbers one after the other, little-endian and without gaps, as base64 text (RFC 4648).
class Packer {
 public:
  template <typename T>
  void add(T value) {
    static_assert(std::is_arithmetic_v<T>);
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof value);
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  std::string base64() const;

 private:
  std::vector<unsigned char> bytes_;
};

/// Reads what a Packer wrote. Errors carry `where`.
class Unpacker {
 public:
  /// Error: no base64.
  Unpacker(std::string_view base64, std::string where);

  /// Error: nothing is left.
  template <typename T>
  T take() {
    static_assert(std::is_arithmetic_v<T>);
    if (bytes_.size() - at_ < sizeof(T)) fail();
    T value;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  /// Error: something is left.
  void finish() const;

 private:
  [[noreturn]] void fail() const;

  std::string where_;
  std::vector<unsigned char> bytes_;
  std::size_t at_ = 0;
};

}  // namespace foretime
