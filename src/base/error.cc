#include "base/error.h"

#include <utility>

namespace foretime {
namespace {

std::string with_accepted(std::string what, const std::string& accepted) {
  return accepted.empty() ? what : std::move(what) + " (" + accepted + ")";
}

std::string printable(const std::string& text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= ' ' && byte != 0x7f) || c == '\n' || c == '\t') {
      out += c;
    } else {
      out += {'\\', 'x', kDigits[byte / 16], kDigits[byte % 16]};
    }
  }
  return out;
}

}  // namespace

Error::Error(std::string where, std::string what, std::string accepted)
    : std::runtime_error(printable((where.empty() ? "" : where + ": ") + with_accepted(what, accepted))),
      where_(std::move(where)),
      problem_(with_accepted(std::move(what), accepted)) {}

}  // namespace foretime
