#pragma once

// What is used of LiteRT's C interface (version 2.3): its headers are in no package registry, so the
// functions are declared here and looked up by name. Handles are opaque; a status of 0 is success.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtimes/native_library.h"

namespace foretime::litert {

using Handle = void*;
using Status = int;

struct Layout {
  unsigned rank : 7;
  unsigned has_strides : 1;
  std::int32_t dimensions[8];
  std::uint32_t strides[8];
};
static_assert(sizeof(Layout) == 68);

struct RankedType {
  int element;  // numbers of the file format's types, floats being 1
  Layout layout;
};
static_assert(sizeof(RankedType) == 72);

struct Any {
  int type;
  union {
    std::int64_t integer;
    const void* pointer;
  };
};
static_assert(sizeof(Any) == 16);

struct EnvironmentOption {
  int tag;
  Any value;
};
static_assert(sizeof(EnvironmentOption) == 24);

struct Event {
  const char* tag;
  int type;
  std::uint64_t start_us;
  std::uint64_t elapsed_us;
  std::size_t begin_memory[3];
  std::size_t end_memory[3];
  std::uint64_t metadata[2];
  int source;
};
static_assert(sizeof(Event) == 104);

constexpr int kCpu = 1;         // accelerator
constexpr int kHostMemory = 1;  // of tensor buffers
constexpr int kRead = 0;        // lock
constexpr int kWrite = 1;
constexpr int kAnyInteger = 2;   // type of an Any
constexpr int kCpuOnlyTag = 24;  // environment: do not look for other accelerators
constexpr int kLogTag = 25;      // environment: 3 is quiet
constexpr int kOperatorEvent = 2;
constexpr int kDelegatedEvent = 8;  // an operator of XNNPACK

/// Every function that is used, found by its name with "LiteRt" in front.
struct Functions {
  Status (*CreateEnvironment)(int, const EnvironmentOption*, Handle*);
  Status (*CreateModelFromFile)(Handle, const char*, Handle*);
  Status (*CreateOptions)(Handle*);
  Status (*SetOptionsHardwareAccelerators)(Handle, int);
  Status (*CreateOpaqueOptions)(const char*, void*, void (*)(void*), Handle*);
  Status (*AddOpaqueOptions)(Handle, Handle);
  Status (*CreateCompiledModel)(Handle, Handle, Handle, Handle*);
  Status (*GetModelSignature)(Handle, std::size_t, Handle*);
  Status (*GetNumSignatureInputs)(Handle, std::size_t*);
  Status (*GetNumSignatureOutputs)(Handle, std::size_t*);
  Status (*GetSignatureInputTensorByIndex)(Handle, std::size_t, Handle*);
  Status (*GetSignatureOutputTensorByIndex)(Handle, std::size_t, Handle*);
  Status (*GetTensorName)(Handle, const char**);
  Status (*GetRankedTensorType)(Handle, RankedType*);
  Status (*GetCompiledModelInputBufferRequirements)(Handle, std::size_t, std::size_t, Handle*);
  Status (*GetCompiledModelOutputBufferRequirements)(Handle, std::size_t, std::size_t, Handle*);
  Status (*GetTensorBufferRequirementsBufferSize)(Handle, std::size_t*);
  Status (*CompiledModelResizeInputTensor)(Handle, std::size_t, std::size_t, const int*, std::size_t);
  Status (*GetCompiledModelOutputTensorLayouts)(Handle, std::size_t, std::size_t, Layout*, bool);
  Status (*CreateManagedTensorBuffer)(Handle, int, const RankedType*, std::size_t, Handle*);
  Status (*LockTensorBuffer)(Handle, void**, int);
  Status (*UnlockTensorBuffer)(Handle);
  Status (*RunCompiledModel)(Handle, std::size_t, std::size_t, Handle*, std::size_t, Handle*);
  Status (*CompiledModelGetProfiler)(Handle, Handle*);
  Status (*StartProfiler)(Handle);
  Status (*StopProfiler)(Handle);
  Status (*ResetProfiler)(Handle);
  Status (*GetNumProfilerEvents)(Handle, int*);
  Status (*GetProfilerEvents)(Handle, int, Event*);
  void (*DestroyEnvironment)(Handle);
  void (*DestroyModel)(Handle);
  void (*DestroyOptions)(Handle);
  void (*DestroyCompiledModel)(Handle);
  void (*DestroyTensorBuffer)(Handle);
};

/// The loaded library.
class Library {
 public:
  /// Error: it is nowhere, or lacks one of the functions.
  explicit Library(const std::string& path);

  const Functions& api() const { return api_; }
  const std::string& path() const { return native_.path(); }
  /// Error, unless the status is success.
  void check(Status status, std::string_view where, std::string_view what) const;

 private:
  NativeLibrary native_;
  Functions api_;
};

}  // namespace foretime::litert
