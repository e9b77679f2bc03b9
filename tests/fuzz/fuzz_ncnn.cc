// Any bytes given to ncnn's reader end in a graph or in one Error, and the graph prints as a text that reads.

#include <cstring>

#include "base/error.h"
#include "formats/ncnn/ncnn_reader.h"
#include "fuzz_target.h"
#include "graph/graph_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  std::string text;
  try {
    foretime::Diagnostics diagnostics;
    text = foretime::to_text(
        foretime::ncnn::read_param(foretime::MappedFile::of("fuzz", std::move(bytes)), diagnostics));
  } catch (const foretime::Error&) {
    return 0;
  }
  foretime::require_same(text, foretime::to_text(foretime::parse_text(text, "printed")));
  return 0;
}
