#include "runtimes/openvino/library.h"

#include <algorithm>
#include <cstdlib>
#include <type_traits>

#include "base/error.h"

namespace foretime::openvino {
namespace {

constexpr LibraryWanted kWanted = {"openvino", "libopenvino_c.so", "libopenvino_c.so",
                                   "tools/runtimes.sh, or --library FILE"};

// Older ones number element types otherwise.
constexpr long kOldestYear = 2026;

/// Its messages begin with a line for each place in its source that an exception passed through.
std::string without_places(std::string_view message) {
  std::string text;
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    const std::string_view line = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
    const bool place =
        line.starts_with("Exception from ") || (line.starts_with("Check '") && line.ends_with(':'));
    if (!place && !line.empty()) text += (text.empty() ? "" : " | ") + std::string(line);
  }
  return text;
}

}  // namespace

Library::Library(const std::string& path) : native_(path, kWanted) {
  const auto find = [&](auto& function, const char* name) {
    using Function = std::remove_pointer_t<std::remove_reference_t<decltype(function)>>;
    function = native_.function<Function>(name);
  };
#define FORETIME_FIND(name) find(api_.name, "ov_" #name)
  FORETIME_FIND(get_openvino_version);
  FORETIME_FIND(version_free);
  FORETIME_FIND(get_last_err_msg);
  FORETIME_FIND(free);
  FORETIME_FIND(core_create);
  FORETIME_FIND(core_free);
  FORETIME_FIND(core_get_available_devices);
  FORETIME_FIND(available_devices_free);
  FORETIME_FIND(core_set_property);
  FORETIME_FIND(core_read_model);
  FORETIME_FIND(core_compile_model);
  FORETIME_FIND(model_is_dynamic);
  FORETIME_FIND(model_reshape);
  FORETIME_FIND(model_free);
  FORETIME_FIND(compiled_model_get_property);
  FORETIME_FIND(compiled_model_outputs_size);
  FORETIME_FIND(compiled_model_export_model);
  FORETIME_FIND(compiled_model_create_infer_request);
  FORETIME_FIND(compiled_model_free);
  FORETIME_FIND(infer_request_set_tensor);
  FORETIME_FIND(infer_request_get_output_tensor_by_index);
  FORETIME_FIND(infer_request_infer);
  FORETIME_FIND(infer_request_get_profiling_info);
  FORETIME_FIND(profiling_info_list_free);
  FORETIME_FIND(infer_request_free);
  FORETIME_FIND(tensor_create_from_host_ptr);
  FORETIME_FIND(tensor_get_shape);
  FORETIME_FIND(tensor_get_element_type);
  FORETIME_FIND(tensor_get_byte_size);
  FORETIME_FIND(tensor_data);
  FORETIME_FIND(tensor_free);
  FORETIME_FIND(shape_free);
#undef FORETIME_FIND
  Version version{};
  check(api_.get_openvino_version(&version), native_.path());
  version_ = version.build;
  version_.resize(std::min(version_.find('-'), version_.size()));
  api_.version_free(&version);
  if (std::strtol(version_.c_str(), nullptr, 10) < kOldestYear) {
    throw Error(native_.path(), "is OpenVINO " + version_, std::to_string(kOldestYear) + " or newer");
  }
}

void Library::check(Status status, std::string_view where) const {
  if (status == 0) return;
  const std::string message = without_places(take(api_.get_last_err_msg()));
  throw Error(std::string(where),
              "OpenVINO says: " + (message.empty() ? "status " + std::to_string(status) : message));
}

std::string Library::take(const char* text) const {
  if (text == nullptr) return "";
  std::string taken = text;
  api_.free(text);
  return taken;
}

}  // namespace foretime::openvino
