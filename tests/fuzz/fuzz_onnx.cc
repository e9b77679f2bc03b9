// Any bytes given to the ONNX reader end in a graph or in one Error. What is asked of such a graph afterwards:
// fuzz_onnx_network.cc.

#include <cstring>

#include "base/error.h"
#include "formats/onnx/onnx_reader.h"
#include "fuzz_target.h"
#include "protobuf_mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  try {
    foretime::Diagnostics diagnostics;
    (void)foretime::onnx::read_onnx(foretime::MappedFile::of("fuzz", std::move(bytes)), diagnostics);
  } catch (const foretime::Error&) {
  }
  return 0;
}
