// Files are made with the writer or with the schema, and read back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "formats/tflite/operators.h"
#include "formats/tflite/tflite_reader.h"
#include "formats/tflite/tflite_writer.h"
#include "graph/graph_text.h"
#include "ops/infer.h"

namespace foretime::tflite {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const MappedFile> file_of(const std::string& bytes) {
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return MappedFile::of("m.tflite", {begin, begin + bytes.size()});
}

/// The nodes of what is written of a graph with types, one a line.
std::string written(const std::string& text, Weights weights = Weights::random) {
  Diagnostics diagnostics;
  const Graph graph = read_tflite(
      file_of(to_tflite(parse_text("graph g {" + text + "}", "g"), {.weights = weights})), diagnostics);
  std::string lines;
  const std::string printed = to_text(graph);
  std::size_t begin = 0;
  while (begin < printed.size()) {
    const std::size_t end = printed.find('\n', begin);
    const std::string line = printed.substr(begin, end - begin);
    const bool skipped =
        line.starts_with("  const") || line.starts_with("  opset") || line.starts_with("  metadata");
    if (line.starts_with("  ") && !skipped) lines += line.substr(2) + "\n";
    begin = end + 1;
  }
  return lines;
}

std::string error_of(const std::string& text) {
  try {
    (void)written(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TfliteWriter, PutsChannelsLastWithoutTransposes) {
  EXPECT_EQ(written(R"(
    input x: float32[1,3,8,8]
    const w: float32[4,3,3,3] = omitted
    const d: float32[4,1,3,3] = omitted
    const b: float32[4] = omitted
    c: float32[1,4,8,8] = Conv(x, w, b) {pads = [1, 1, 1, 1]}
    r: float32[1,4,8,8] = Relu(c)
    e: float32[1,4,8,8] = Conv(r, d) {pads = [1, 1, 1, 1], group = 4}
    s: float32[1,4,8,8] = Add(e, r)
    p: float32[1,4,1,1] = GlobalAveragePool(s)
    f: float32[1,4] = Flatten(p)
    output f)"),
            R"(input x: float32[1,8,8,3]
r: float32[1,8,8,4] = Conv(x, w, b) {channels_last = 1, weight_layout = "OHWI", auto_pad = "SAME_UPPER", strides = [1, 1], dilations = [1, 1], activation = "Relu", group = 1} from CONV_2D
e: float32[1,8,8,4] = Conv(r, d, e/bias) {channels_last = 1, weight_layout = "IHWO", auto_pad = "SAME_UPPER", strides = [1, 1], dilations = [1, 1], group = 4} from DEPTHWISE_CONV_2D
s: float32[1,8,8,4] = Add(e, r) from ADD
p: float32[1,1,1,4] = ReduceMean(s, p/sizes) {keepdims = 1} from MEAN
f: float32[1,4] = Reshape(p, f/sizes) {allowzero = 1} from RESHAPE
output f
)");
}

TEST(TfliteWriter, NeedsNoTransposeForAVisionTransformersPatches) {
  EXPECT_EQ(written(R"(
    input x: float32[1,3,8,8]
    const w: float32[6,3,4,4] = omitted
    const q: float32[6,6] = omitted
    c: float32[1,6,2,2] = Conv(x, w) {strides = [4, 4]}
    flat: float32[1,6,4] = Reshape(c, c)
    tokens: float32[1,4,6] = Transpose(flat) {perm = [0, 2, 1]}
    y: float32[1,4,6] = MatMul(tokens, q)
    output y)"),
            R"(input x: float32[1,8,8,3]
c: float32[1,2,2,6] = Conv(x, w, c/bias) {channels_last = 1, weight_layout = "OHWI", auto_pad = "VALID", strides = [4, 4], dilations = [1, 1], group = 1} from CONV_2D
flat: float32[1,4,6] = Reshape(c, flat/sizes) {allowzero = 1} from RESHAPE
y: float32[1,4,6] = tflite::FULLY_CONNECTED(flat, q, _) {keep_num_dims = 1}
output y
)");
}

TEST(TfliteWriter, TransposesOnceWhereAnOrderIsNeeded) {
  const std::string text = written(R"(
    input x: float32[1,4,8,8]
    const w: float32[4,4,1,1] = omitted
    const q: float32[256,5] = omitted
    c: float32[1,4,8,8] = Conv(x, w)
    f: float32[1,256] = Flatten(c)
    g: float32[1,256] = Flatten(c)
    y: float32[1,5] = MatMul(f, q)
    z: float32[1,5] = MatMul(g, q)
    output y, z)");
  const std::size_t first = text.find("Transpose(");
  ASSERT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find("Transpose(", first + 1), std::string::npos) << text;
}

TEST(TfliteWriter, PadsByItselfWhatTfliteCannot) {
  EXPECT_THAT(written(R"(
    input x: float32[1,3,8,8]
    p: float32[1,3,4,4] = MaxPool(x) {kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]}
    output p)"),
              HasSubstr("float32[1,9,9,3] = Pad(x,"));
}

TEST(TfliteWriter, SaysWhatItCannotWrite) {
  EXPECT_EQ(
      error_of("input x: float32[2]  y: float32[2] = Frobnicate(x)  output y"),
      "node 'y' (Frobnicate): cannot be written as TFLite: TFLite has no such operator, or none that is "
      "written yet");
  EXPECT_EQ(
      error_of("input x: float32[n]  y: float32[n] = Relu(x)  output y"),
      "g: cannot be written as TFLite: 'x' float32[n] has a size that is known only while running (a graph "
      "of known shapes)");
  EXPECT_THAT(error_of("input x: float32[2]  y: float32[1] = Slice(x, x, x)  output y"),
              HasSubstr("starts are computed while running (constants)"));
}

// --- The reader

/// A model of one operator on tensors of two floats each: x, y, z. `weights`: the second is a constant, with
/// one of its two floats stored.
std::string one_operator(schema::BuiltinOptions kind, flatbuffers::FlatBufferBuilder& builder,
                         flatbuffers::Offset<void> options, std::int32_t code,
                         std::vector<std::int32_t> inputs, bool weights = false) {
  const std::vector<std::int32_t> shape = {2};
  std::vector<flatbuffers::Offset<schema::Tensor>> tensors;
  for (const char* name : {"x", "y", "y"}) {
    const bool sparse = weights && tensors.size() == 1;
    const auto sparsity = sparse ? schema::CreateNothing(builder) : flatbuffers::Offset<schema::Nothing>();
    tensors.push_back(schema::CreateTensorDirect(builder, &shape, schema::TensorType::FLOAT32, sparse ? 1 : 0,
                                                 name, 0, false, sparsity));
  }
  const std::vector<std::int32_t> outputs = {2};
  const std::vector operators = {schema::CreateOperatorDirect(builder, 0, &inputs, &outputs, kind, options)};
  const std::vector<std::int32_t> given = weights ? std::vector{0} : std::vector{0, 1};
  const std::vector subgraphs = {
      schema::CreateSubGraphDirect(builder, &tensors, &given, &outputs, &operators, "main")};
  const std::vector codes = {schema::CreateOperatorCodeDirect(builder, 0, "MyOp", 1, code)};
  const std::vector<std::uint8_t> stored = {0, 0, 128, 63};
  const std::vector buffers = {schema::CreateBuffer(builder), schema::CreateBufferDirect(builder, &stored)};
  schema::FinishModelBuffer(builder,
                            schema::CreateModelDirect(builder, 3, &codes, &subgraphs, "by hand", &buffers));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string read(const std::string& bytes) {
  Diagnostics diagnostics;
  try {
    return to_text(read_tflite(file_of(bytes), diagnostics));
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(TfliteReader, GivesEveryTensorANameOfItsOwn) {
  flatbuffers::FlatBufferBuilder builder;
  EXPECT_EQ(read(one_operator(schema::BuiltinOptions::NONE, builder, {}, code_of("MAXIMUM"), {0, 1})),
            R"(graph main {
  opset "" 22
  opset "tflite" 1
  metadata description "by hand"
  input x: float32[2]
  input y: float32[2]
  "y#2": float32[2] = Max(x, y) from MAXIMUM
  output "y#2"
}
)");
}

TEST(TfliteReader, KeepsOperatorsItDoesNotKnow) {
  flatbuffers::FlatBufferBuilder custom;
  EXPECT_THAT(read(one_operator(schema::BuiltinOptions::NONE, custom, {}, code_of("CUSTOM"), {0, -1})),
              HasSubstr("tflite.custom::MyOp(x, _)"));
  flatbuffers::FlatBufferBuilder newer;
  EXPECT_THAT(read(one_operator(schema::BuiltinOptions::NONE, newer, {}, 4711, {0, 1})),
              HasSubstr("tflite::BUILTIN_4711(x, y)"));
}

TEST(TfliteReader, KnowsThatSparseWeightsAreThere) {
  flatbuffers::FlatBufferBuilder builder;
  Diagnostics diagnostics;
  const Graph graph = read_tflite(
      file_of(one_operator(schema::BuiltinOptions::NONE, builder, {}, code_of("MAXIMUM"), {0, 1}, true)),
      diagnostics);
  const Tensor& weights = graph[graph.nodes().front().inputs[1]];
  ASSERT_NE(weights.constant, nullptr);
  EXPECT_EQ(weights.constant->encoding, Encoding::packed);
}

TEST(TfliteReader, SaysWhatIsBroken) {
  flatbuffers::FlatBufferBuilder builder;
  const std::string good =
      one_operator(schema::BuiltinOptions::NONE, builder, {}, code_of("MAXIMUM"), {0, 1});
  EXPECT_EQ(
      read(good.substr(0, good.size() / 2)),
      "m.tflite: the file is truncated or broken: an offset leads out of it (a TFLite model of version 3)");
  flatbuffers::FlatBufferBuilder other;
  EXPECT_EQ(read(one_operator(schema::BuiltinOptions::NONE, other, {}, code_of("MAXIMUM"), {0, 7})),
            "m.tflite: an input of an operator is tensor 7 (0 to 2, or -1)");
  flatbuffers::FlatBufferBuilder loop;
  const auto options = schema::CreateWhileOptions(loop, 0, 0).Union();
  EXPECT_EQ(read(one_operator(schema::BuiltinOptions::While, loop, options, code_of("WHILE"), {0, 1})),
            "m.tflite: bodies nest more than 12 deep, or call themselves");
}

TEST(TfliteReader, SurvivesEveryTruncationAndFlippedByte) {
  flatbuffers::FlatBufferBuilder builder;
  const std::string good =
      one_operator(schema::BuiltinOptions::NONE, builder, {}, code_of("MAXIMUM"), {0, 1});
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_NE(read(good.substr(0, i)), "");
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      EXPECT_NE(read(bad), "");
    }
  }
}

}  // namespace
}  // namespace foretime::tflite
