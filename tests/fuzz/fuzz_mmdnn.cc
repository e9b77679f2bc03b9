// Any bytes end in a network or in one Error, for MMdnn's models in both forms.

#include "base/error.h"
#include "formats/annette/graph_reader.h"
#include "formats/mmdnn/model.h"
#include "fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = foretime::as_text(data, size);
  (void)foretime::mmdnn::is_protobuf(bytes);
  foretime::Diagnostics diagnostics;
  try {
    const foretime::annette::RawGraph raw = foretime::mmdnn::read_raw_graph(bytes, "fuzz", diagnostics);
    foretime::annette::to_graph(raw, "fuzz", diagnostics);
  } catch (const foretime::Error&) {
  }
  return 0;
}
