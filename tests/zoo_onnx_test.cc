// Networks of the zoo survive being written as ONNX and read again.

#include <gtest/gtest.h>

#include <algorithm>

#include "formats/onnx/onnx_reader.h"
#include "formats/onnx/onnx_writer.h"
#include "graph/graph_text.h"
#include "zoo/zoo.h"

namespace foretime {
namespace {

std::string without_weights_note(std::string text) {
  const std::string note = "  metadata foretime.weights \"none\"\n";
  if (const std::size_t at = text.find(note); at != std::string::npos) text.erase(at, note.size());
  return text;
}

TEST(ZooOnnx, ReadsBackTheSame) {
  onnx::WriteOptions options;
  options.weights = Weights::none;
  for (const zoo::Listing& listing : zoo::list()) {
    const Graph graph = zoo::build(listing.name);
    const std::string bytes = onnx::to_onnx(graph, options);
    const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
    Diagnostics diagnostics;
    const Graph read =
        onnx::read_onnx(MappedFile::of(listing.name, {begin, begin + bytes.size()}), diagnostics);
    EXPECT_TRUE(diagnostics.empty()) << listing.name;
    EXPECT_TRUE(without_weights_note(to_text(read)) == to_text(graph)) << listing.name;
  }
}

TEST(ZooOnnx, GetsEveryWeight) {
  onnx::WriteOptions options;
  options.weights = Weights::random;
  const std::string bytes = onnx::to_onnx(zoo::build("squeezenet1_1"), options);
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  Diagnostics diagnostics;
  const Graph read = onnx::read_onnx(MappedFile::of("m", {begin, begin + bytes.size()}), diagnostics);
  for (const Tensor& tensor : read.tensors()) {
    EXPECT_TRUE(!tensor.constant || tensor.constant->encoding != Encoding::omitted) << tensor.name;
  }
  EXPECT_TRUE(bytes == onnx::to_onnx(read)) << "the weights of a file are written as they are";
}

}  // namespace
}  // namespace foretime
