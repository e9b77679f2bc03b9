#include "formats/onnx/node_metadata.h"

#include <utility>

namespace foretime::onnx {

std::string module_path_in_name(std::string_view node_name) {
  const std::size_t slash = node_name.rfind('/');
  if (node_name.empty() || node_name[0] != '/' || slash == 0) return {};
  return std::string(node_name.substr(1, slash - 1));
}

std::string module_path_in_scopes(std::string_view scopes) {
  std::string last;
  std::string before;
  std::string_view rest = scopes;
  for (std::size_t open = rest.find('\''); open != std::string_view::npos; open = rest.find('\'')) {
    const std::size_t close = rest.find('\'', open + 1);
    if (close == std::string_view::npos) break;
    before = std::exchange(last, std::string(rest.substr(open + 1, close - open - 1)));
    rest.remove_prefix(close + 1);
  }
  return before;
}

}  // namespace foretime::onnx
