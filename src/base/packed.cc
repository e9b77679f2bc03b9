#include "base/packed.h"

#include <array>
#include <utility>

#include "base/error.h"

namespace foretime {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xff;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

}  // namespace

std::string Packer::base64() const {
  std::string text;
  text.reserve((bytes_.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes_.size(); i += 3) {
    const std::size_t left = bytes_.size() - i;
    const std::uint32_t bits = static_cast<std::uint32_t>(bytes_[i] << 16) |
                               (left > 1 ? static_cast<std::uint32_t>(bytes_[i + 1] << 8) : 0U) |
                               (left > 2 ? bytes_[i + 2] : 0U);
    text += kAlphabet[bits >> 18];
    text += kAlphabet[bits >> 12 & 63];
    text += left > 1 ? kAlphabet[bits >> 6 & 63] : '=';
    text += left > 2 ? kAlphabet[bits & 63] : '=';
  }
  return text;
}

Unpacker::Unpacker(std::string_view base64, std::string where) : where_(std::move(where)) {
  if (base64.size() % 4 != 0) throw Error(where_, "is cut off", "base64 text");
  bytes_.resize(base64.size() / 4 * 3);
  const auto value = [&](std::size_t i) -> std::uint32_t {
    return kValues[static_cast<unsigned char>(base64[i])];
  };
  unsigned char* out = bytes_.data();
  std::uint32_t all = 0;  // of the values; kNone has a bit that no value has
  std::size_t i = 0;
  for (; i + 4 < base64.size(); i += 4) {
    const std::uint32_t a = value(i), b = value(i + 1), c = value(i + 2), d = value(i + 3);
    all |= a | b | c | d;
    *out++ = static_cast<unsigned char>(a << 2 | b >> 4);
    *out++ = static_cast<unsigned char>(b << 4 | c >> 2);
    *out++ = static_cast<unsigned char>(c << 6 | d);
  }
  if (i < base64.size()) {
    const std::size_t padding = base64[i + 3] != '=' ? 0 : base64[i + 2] != '=' ? 1 : 2;
    std::array<std::uint32_t, 4> last{};
    for (std::size_t j = 0; j < 4 - padding; ++j) all |= last[j] = value(i + j);
    *out++ = static_cast<unsigned char>(last[0] << 2 | last[1] >> 4);
    if (padding < 2) *out++ = static_cast<unsigned char>(last[1] << 4 | last[2] >> 2);
    if (padding < 1) *out++ = static_cast<unsigned char>(last[2] << 6 | last[3]);
  }
  if (all > 63) throw Error(where_, "holds a character that is none of base64", "base64 text");
  bytes_.resize(static_cast<std::size_t>(out - bytes_.data()));
}

void Unpacker::fail() const {
  throw Error(where_, "is cut off");
}

void Unpacker::finish() const {
  if (at_ != bytes_.size()) throw Error(where_, "goes on behind its end");
}

}  // namespace foretime
