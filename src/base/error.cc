#include "base/error.h"

#include <utility>

namespace foretime {
namespace {

std::string message(const std::string& where, const std::string& what, const std::string& accepted) {
  std::string text = where.empty() ? what : where + ": " + what;
  if (!accepted.empty()) text += " (" + accepted + ")";
  return text;
}

}  // namespace

Error::Error(std::string where, std::string what, std::string accepted)
    : std::runtime_error(message(where, what, accepted)), where_(std::move(where)) {}

std::string Error::problem() const {
  const std::string text = what();
  return where_.empty() ? text : text.substr(where_.size() + 2);  // without "where: "
}

}  // namespace foretime
