#include "runtimes/tflite/litert.h"

#include <type_traits>

#include "base/error.h"

namespace foretime::litert {
namespace {

constexpr LibraryWanted kWanted = {"ai-edge-litert", "libLiteRt.so", "libLiteRt.so",
                                   "tools/runtimes.sh, or --library FILE"};

}  // namespace

Library::Library(const std::string& path) : native_(path, kWanted) {
  const auto find = [&](auto& function, const char* name) {
    using Function = std::remove_pointer_t<std::remove_reference_t<decltype(function)>>;
    function = native_.function<Function>(name);
  };
#define FORETIME_FIND(name) find(api_.name, "LiteRt" #name)
  FORETIME_FIND(CreateEnvironment);
  FORETIME_FIND(CreateModelFromFile);
  FORETIME_FIND(CreateOptions);
  FORETIME_FIND(SetOptionsHardwareAccelerators);
  FORETIME_FIND(CreateOpaqueOptions);
  FORETIME_FIND(AddOpaqueOptions);
  FORETIME_FIND(CreateCompiledModel);
  FORETIME_FIND(GetModelSignature);
  FORETIME_FIND(GetNumSignatureInputs);
  FORETIME_FIND(GetNumSignatureOutputs);
  FORETIME_FIND(GetSignatureInputTensorByIndex);
  FORETIME_FIND(GetSignatureOutputTensorByIndex);
  FORETIME_FIND(GetTensorName);
  FORETIME_FIND(GetRankedTensorType);
  FORETIME_FIND(GetCompiledModelInputBufferRequirements);
  FORETIME_FIND(GetCompiledModelOutputBufferRequirements);
  FORETIME_FIND(GetTensorBufferRequirementsBufferSize);
  FORETIME_FIND(CompiledModelResizeInputTensor);
  FORETIME_FIND(GetCompiledModelOutputTensorLayouts);
  FORETIME_FIND(CreateManagedTensorBuffer);
  FORETIME_FIND(LockTensorBuffer);
  FORETIME_FIND(UnlockTensorBuffer);
  FORETIME_FIND(RunCompiledModel);
  FORETIME_FIND(CompiledModelGetProfiler);
  FORETIME_FIND(StartProfiler);
  FORETIME_FIND(StopProfiler);
  FORETIME_FIND(ResetProfiler);
  FORETIME_FIND(GetNumProfilerEvents);
  FORETIME_FIND(GetProfilerEvents);
  FORETIME_FIND(DestroyEnvironment);
  FORETIME_FIND(DestroyModel);
  FORETIME_FIND(DestroyOptions);
  FORETIME_FIND(DestroyCompiledModel);
  FORETIME_FIND(DestroyTensorBuffer);
#undef FORETIME_FIND
}

void Library::check(Status status, std::string_view where, std::string_view what) const {
  if (status == 0) return;
  throw Error(std::string(where),
              "LiteRT cannot " + std::string(what) + " (status " + std::to_string(status) + ")");
}

}  // namespace foretime::litert
