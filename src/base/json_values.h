#pragma once

// Values of files whose form is only roughly known: what is missing or of another type is empty.

#include <string>

#include "base/json.h"

namespace foretime {

inline std::string text_at(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

inline double number_at(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
}

}  // namespace foretime
