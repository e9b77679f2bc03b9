#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "formats/ncnn/ncnn_reader.h"
#include "formats/ncnn/param_file.h"
#include "graph/graph_text.h"

namespace foretime::ncnn {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const MappedFile> file(const std::string& text) {
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return MappedFile::of("net.param", std::move(bytes));
}

/// With the first lines in front.
std::string with_head(int layers, const std::string& lines) {
  return "7767517\n" + std::to_string(layers) + " 9\n" + lines;
}

std::string text_of(int layers, const std::string& lines) {
  Diagnostics diagnostics;
  return to_text(read_param(file(with_head(layers, lines)), diagnostics));
}

std::string problem(const std::string& text) {
  try {
    Diagnostics diagnostics;
    (void)read_param(file(text), diagnostics);
    return "was read";
  } catch (const Error& error) {
    return error.what();
  }
}

constexpr const char* kInput = "Input data 0 1 data 0=8 1=6 2=4\n";

TEST(Ncnn, GetsABatchAndOnnxsOperators) {
  EXPECT_EQ(text_of(5, std::string(kInput) + "Convolution c 1 1 data c 0=8 1=3 3=2 4=1 5=1 6=288 9=1\n"
                                             "Split s 1 2 c a b\n"
                                             "ConvolutionDepthWise d 1 1 a d 0=8 1=3 11=1 4=1 14=0 6=24 7=8\n"
                                             "BinaryOp sum 2 1 d b out 0=0\n"),
            R"(graph net {
  opset "" 20
  input data: float32[1,4,6,8]
  const c.weight: float32[8,4,3,3] = omitted
  const c.bias: float32[8] = omitted
  const d.weight: float32[8,1,1,3] = omitted
  c: "c#2": float32[1,8,3,4] = Conv(data, c.weight, c.bias) {kernel_shape = [3, 3], strides = [2, 2], dilations = [1, 1], group = 1, pads = [1, 1, 1, 1]} from Convolution
  c/Relu: c: float32[1,8,3,4] = Relu("c#2") from Convolution
  d: float32[1,8,3,4] = Conv(c, d.weight) {kernel_shape = [1, 3], strides = [1, 1], dilations = [1, 1], group = 8, pads = [0, 1, 0, 1]} from ConvolutionDepthWise
  sum: out: float32[1,8,3,4] = Add(d, c) from BinaryOp
  output out
}
)");
}

TEST(Ncnn, OneChannelNumberEachReachesAllPositions) {
  const std::string text = text_of(5, std::string(kInput) +
                                          "Split s 1 2 data a b\n"
                                          "Pooling p 1 1 a p 0=1 4=1\n"
                                          "InnerProduct f 1 1 p f 0=4 1=1 2=16 9=4\n"
                                          "BinaryOp m 2 1 b f out 0=2\n");
  EXPECT_THAT(text, HasSubstr("p: float32[1,4] = Flatten("));
  EXPECT_THAT(text, HasSubstr("f: float32[1,4] = Sigmoid("));
  EXPECT_THAT(text, HasSubstr("float32[1,4,1,1] = Unsqueeze(f"));
  EXPECT_THAT(text, HasSubstr("out: float32[1,4,6,8] = Mul(data, "));
}

TEST(Ncnn, SizesThatItDoesNotStateStayOpen) {
  const std::string text = text_of(3,
                                   "Input data 0 1 data\n"
                                   "Convolution c 1 1 data c 0=8 1=1 6=24\n"
                                   "ShuffleChannel s 1 1 c s 0=2\n");
  EXPECT_THAT(text, HasSubstr("input data: float32[1,c,h,w]"));
  EXPECT_THAT(text, HasSubstr("s: float32[?] = Reshape(s/Transpose, s/Shape2)"));
}

TEST(Ncnn, ALayerThatIsNotKnownKeepsItsStatedShape) {
  const std::string text =
      text_of(2, std::string(kInput) + "Yolov9Output y 1 1 data y -23330=4,2,6,100,1 0=80\n");
  EXPECT_THAT(text, HasSubstr("y: float32[1,100,6] = ncnn::Yolov9Output(data)"));
}

TEST(Ncnn, IntegersAreReadAsFloatsAndToldSo) {
  Diagnostics diagnostics;
  (void)read_param(file(with_head(2, std::string(kInput) + "InnerProduct f 1 1 data f 0=2 2=384 8=2\n")),
                   diagnostics);
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].code, "quantised-as-float");
}

TEST(Ncnn, SaysWhatIsWrongAndWhere) {
  const std::string input = kInput;
  EXPECT_EQ(problem("7767518\n1 1\n"), "net.param:1: does not begin with ncnn's magic number (7767517)");
  EXPECT_EQ(problem("7767517\n"), "net.param:2: has no counts of layers and blobs (two numbers)");
  EXPECT_EQ(problem(with_head(2, input)), "net.param:3: says that it has 2 layers, and has 1");
  EXPECT_EQ(problem(with_head(1, "Input data\n")),
            "net.param:3: has no counts of blobs (TYPE NAME 1 1 BLOB BLOB 0=1 …)");
  EXPECT_EQ(problem(with_head(1, "ReLU r 2 1 a b 0=1\n")), "net.param:3: names fewer blobs than it counts");
  EXPECT_EQ(problem(with_head(1, "Input data 0 1 data 0=wide\n")),
            "net.param:3: has under 0 'wide' (a number)");
  EXPECT_EQ(problem(with_head(1, "Input data 0 1 data -23300=3,1\n")),
            "net.param:3: has under -23300 another number of values than it says");
  EXPECT_EQ(problem(with_head(2, input + "ReLU r 1 1 nothing r\n")),
            "net.param:4: r: reads the blob 'nothing', which no layer above makes");
  EXPECT_EQ(problem(with_head(2, input + "ReLU r 1 1 data data\n")),
            "net.param:4: r: makes the blob 'data' again");
  EXPECT_EQ(problem(with_head(2, input + "ReLU r 0 1 r\n")), "net.param:4: r: a ReLU reads 1 blobs");
  EXPECT_EQ(problem(with_head(2, input + "Convolution c 1 1 data c 0=8 1=3 6=7\n")),
            "net.param:4: c: has weights that do not fit its kernel");
  EXPECT_EQ(problem(with_head(2, input + "ShuffleChannel s 1 1 data s 0=3\n")),
            "net.param:4: s: has groups that do not divide its channels");
  EXPECT_THAT(problem(with_head(2, input + "Convolution c 1 1 data c 0=8 1=1 6=40\n")),
              HasSubstr("net.param:4: c: does not fit what it reads: "));
}

TEST(Ncnn, IsToldFromOtherTexts) {
  EXPECT_TRUE(is_param_file("7767517\n1 1\n"));
  EXPECT_FALSE(is_param_file("77675170\n"));
  EXPECT_FALSE(is_param_file("graph \"g\" {"));
  EXPECT_FALSE(is_param_file(""));
}

}  // namespace
}  // namespace foretime::ncnn
