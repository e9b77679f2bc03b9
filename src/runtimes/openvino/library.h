#pragma once

// What is used of OpenVINO's C interface (headers openvino/c of version 2026.4): declared here, looked up by
// name. A status of 0 is success; texts that it hands out are its own, and go back through `free`.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtimes/native_library.h"

namespace foretime::openvino {

using Handle = void*;
using Status = int;

struct Shape {
  std::int64_t rank;
  std::int64_t* sizes;
};

struct Dimension {
  std::int64_t least;
  std::int64_t most;
};

struct PartialShape {
  Dimension rank;
  Dimension* dimensions;
};

struct Version {
  const char* build;
  const char* description;
};

struct Devices {
  char** names;
  std::size_t count;
};

struct ProfilingInfo {
  int status;
  std::int64_t real_us;
  std::int64_t cpu_us;
  const char* name;
  const char* primitive;  // "brgconv_avx2_f32"
  const char* type;       // "Convolution"
};
static_assert(sizeof(ProfilingInfo) == 48);

struct ProfilingInfos {
  ProfilingInfo* infos;
  std::size_t count;
};

/// What an exported model's text goes through: `size` bytes from `from` to `to`, which is null when only the
/// size of the result is asked for.
using Encrypt = void(const char* from, std::size_t size, char* to, std::size_t* result);

struct EncryptionCallbacks {
  Encrypt* encrypt;
  Encrypt* decrypt;
};

constexpr int kExecuted = 2;  // status of ProfilingInfo

/// Every function that is used, by its name without "ov_".
struct Functions {
  Status (*get_openvino_version)(Version*);
  void (*version_free)(Version*);
  const char* (*get_last_err_msg)();
  void (*free)(const char*);
  Status (*core_create)(Handle*);
  void (*core_free)(Handle);
  Status (*core_get_available_devices)(Handle, Devices*);
  void (*available_devices_free)(Devices*);
  Status (*core_set_property)(Handle, const char* device, ...);  // a key and its value
  Status (*core_read_model)(Handle, const char* path, const char* weights, Handle*);
  Status (*core_compile_model)(Handle, Handle model, const char* device, std::size_t properties, Handle*,
                               ...);
  bool (*model_is_dynamic)(Handle);
  Status (*model_reshape)(Handle, const char** names, const PartialShape*, std::size_t);
  void (*model_free)(Handle);
  Status (*compiled_model_get_property)(Handle, const char* key, char**);
  Status (*compiled_model_outputs_size)(Handle, std::size_t*);
  Status (*compiled_model_export_model)(Handle, const char* path);
  Status (*compiled_model_create_infer_request)(Handle, Handle*);
  void (*compiled_model_free)(Handle);
  Status (*infer_request_set_tensor)(Handle, const char* name, Handle);
  Status (*infer_request_get_output_tensor_by_index)(Handle, std::size_t, Handle*);
  Status (*infer_request_infer)(Handle);
  Status (*infer_request_get_profiling_info)(Handle, ProfilingInfos*);
  void (*profiling_info_list_free)(ProfilingInfos*);
  void (*infer_request_free)(Handle);
  Status (*tensor_create_from_host_ptr)(int type, Shape, void*, Handle*);
  Status (*tensor_get_shape)(Handle, Shape*);
  Status (*tensor_get_element_type)(Handle, int*);
  Status (*tensor_get_byte_size)(Handle, std::size_t*);
  Status (*tensor_data)(Handle, void**);
  void (*tensor_free)(Handle);
  Status (*shape_free)(Shape*);
};

class Library {
 public:
  /// Error: it is nowhere, or lacks a function.
  explicit Library(const std::string& path);

  const Functions& api() const { return api_; }
  const std::string& path() const { return native_.path(); }
  const std::string& version() const { return version_; }  // "2026.4.1"

  /// Error, with the library's own message, unless `status` is success.
  void check(Status status, std::string_view where) const;
  /// A text of the library's, freed.
  std::string take(const char* text) const;

 private:
  NativeLibrary native_;
  Functions api_{};
  std::string version_;
};

}  // namespace foretime::openvino
