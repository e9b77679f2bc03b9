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
  unsigned char* out = bytes_.data();
  for (std::size_t i = 0; i < base64.size(); i += 4) {
    const bool last = i + 4 == base64.size();
    const int padding = !last ? 0 : base64[i + 3] != '=' ? 0 : base64[i + 2] != '=' ? 1 : 2;
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const bool pad = static_cast<int>(4 - j) <= padding;
      const std::uint8_t value = pad ? 0 : kValues[static_cast<unsigned char>(base64[i + j])];
      if (value == kNone) throw Error(where_, "holds a character that is none of base64", "base64 text");
      bits = bits << 6 | value;
    }
    *out++ = static_cast<unsigned char>(bits >> 16);
    if (padding < 2) *out++ = static_cast<unsigned char>(bits >> 8);
    if (padding < 1) *out++ = static_cast<unsigned char>(bits);
  }
  bytes_.resize(static_cast<std::size_t>(out - bytes_.data()));
}

const unsigned char* Unpacker::next(std::size_t size) {
  if (bytes_.size() - at_ < size) throw Error(where_, "is cut off");
  at_ += size;
  return bytes_.data() + at_ - size;
}

void Unpacker::finish() const {
  if (at_ != bytes_.size()) throw Error(where_, "goes on behind its end");
}

}  // namespace foretime
