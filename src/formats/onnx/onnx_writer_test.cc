#include "formats/onnx/onnx_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "formats/onnx/onnx_testing.h"
#include "graph/graph_builder.h"

namespace foretime::onnx {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

WriteOptions with(Weights weights, std::uint64_t seed = 0) {
  WriteOptions options;
  options.weights = weights;
  options.seed = seed;
  return options;
}

Graph reread(const Graph& graph, const WriteOptions& options = {}) {
  Diagnostics diagnostics;
  return read_onnx(in_memory(to_onnx(graph, options)), diagnostics);
}

std::string error_of(const Graph& graph, const WriteOptions& options = {}) {
  try {
    (void)to_onnx(graph, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// What ONNX can say, as it is printed.
constexpr const char* kEverything = R"text(graph everything {
  opset "" 21
  opset "com.microsoft" 1
  metadata producer_note "by hand"
  input x: float32[batch,3,"?",8]
  input s: seq(float32[2])
  input any: float32[?]
  input scalar: int64[]
  input untyped
  input sizes: undefined[2,3]
  const w: float32[2] = {1.0, -0.0}
  const "odd name\n": int64[3] = {1, -1, 9223372036854775807}
  const b: bool[2] = {true, false}
  const f16: float16[3] = {0.33325195, inf, nan}
  const bf: bfloat16[1] = {3.0040553e+38}
  const f64: float64[1] = {0.1}
  const u8: uint8[1] = {255}
  const i8: int8[1] = {-128}
  const u16: uint16[1] = {65535}
  const i16: int16[1] = {-32768}
  const i32: int32[1] = {-5}
  const u32: uint32[1] = {4294967295}
  const u64: uint64[1] = {18446744073709551615}
  const i4: int4[3] = {-8, 7, -1}
  const u4: uint4[3] = {15, 0, 1}
  const i2: int2[5] = {-2, 1, 0, -1, 1}
  const u2: uint2[2] = {3, 1}
  const none: float32[0,4] = {}
  conv1: y: float32[batch,3,"?",8] = Conv(x, w, _, b) {strides = [2, 2], auto_pad = "VALID"} from CONV_2D in a.b
  p, _, q: int64[?] = Op(y)
  print: () = com.microsoft::Print(p)
  /m/n/Relu: r = Relu(p) in m/n
  /m/n/Tanh: t = Tanh(r)
  z = com.microsoft::Op(t) {i = -7, f = 1e-05, g = nan, s = "a\xff", ss = ["", "b"], es = strings [], is = [1, 2], ei = [], fs = [0.5, -inf], ef = floats [], t = int64[2] {3, 4}}
  output z
  output x
}
)text";

TEST(OnnxWriter, WritesWhatReadsBackTheSame) {
  EXPECT_EQ(to_text(reread(parse_text(kEverything, "t"))), kEverything);
}

TEST(OnnxWriter, WritesBodiesWithCaptures) {
  const char* const text = R"text(graph bodies {
  opset "" 20
  input c: bool[]
  input x: float32[2]
  const w: float32[1] = {2.0}
  y: float32[2] = If(c) {then_branch = graph yes {
    opset "" 20
    capture x
    capture w
    const v: float32[1] = {3.0}
    a: float32[2] = Mul(x, w)
    r = Loop(_, _, a) {body = graph body {
      opset "" 20
      input i: int64[]
      input on: bool[]
      input s: float32[2]
      capture v
      capture x: float32[2]
      t = Sum(s, v, x)
      output on
      output t
    }}
    output r
  }, else_branch = graph no {
    opset "" 20
    capture x
    x2 = Identity(x)
    output x2
  }}
  output y
}
)text";
  EXPECT_EQ(to_text(reread(parse_text(text, "t"))), text);
}

TEST(OnnxWriter, CopiesWhatBodiesPassThrough) {
  // ONNX has no body that returns a tensor of the graph around it.
  const Graph graph = parse_text(
      "graph { opset \"\" 20 input c input x y, z = If(c) {then_branch = graph t { capture x "
      "output x output x }} output y }",
      "t");
  EXPECT_THAT(to_text(reread(graph)),
              HasSubstr("capture x\n    \"x'\" = Identity(x)\n    output \"x'\"\n    output \"x'\"\n"));
}

TEST(OnnxWriter, CallsCapturesWhatTheyAreCalledOutside) {
  const Graph graph = parse_text(R"(graph g {
    opset "" 20
    input c: bool[]
    input x: float32[2]
    y = If(c) {then_branch = graph yes {
      opset "" 20
      capture inner = x
      x = Relu(inner)
      z = If(c2) {then_branch = graph deep { opset "" 20 capture own = x  capture outer = inner  r = Add(own, outer) output r }}
      capture c2 = c
      output z
    }}
    output y
  })",
                                 "t");
  EXPECT_THAT(to_text(reread(graph)), HasSubstr(R"(
    capture x
    capture c
    x: "x'" = Relu(x)
    z = If(c) {then_branch = graph deep {
      opset "" 20
      capture "x'"
      capture x
      r = Add("x'", x)
      output r
    }}
    output z
)"));
}

TEST(OnnxWriter, StatesVersions) {
  const auto version = [](const std::string& statements) {
    const std::string bytes =
        to_onnx(parse_text("graph { " + statements + " output x }", "t"), with(Weights::none));
    return static_cast<int>(bytes[1]);  // field 1 comes first
  };
  EXPECT_EQ(version("opset \"\" 17 input x: float32[1]"), 8);
  EXPECT_EQ(version("input x: float32[1]"), 9);
  EXPECT_EQ(version("opset \"\" 17 input x: float8e5m2[1]"), 9);
  EXPECT_EQ(version("opset \"\" 17 input x: int4[1]"), 10);
  EXPECT_EQ(version("opset \"\" 23 input x: int4[1]"), 11);
  EXPECT_EQ(version("opset \"\" 17 const x: float4e2m1[1] = omitted"), 11);
  EXPECT_EQ(version("opset \"\" 17 input x: float8e8m0[1]"), 12);
  EXPECT_EQ(version("opset \"\" 17 input x: uint2[1]"), 13);
  const Graph graph = parse_text("graph { input x y = my.domain::Op(x) output y }", "t");
  EXPECT_EQ(to_text(reread(graph)),
            "graph graph {\n  opset \"my.domain\" 1\n  opset \"\" 20\n  input x\n  y = my.domain::Op(x)\n  "
            "output y\n}\n");
}

TEST(OnnxWriter, KeepsStringsAndTypedFields) {
  const std::string strings = tensor("c", 8, {2}, message({{6, "one"}, {6, ""}}));
  const std::string varints = tensor("v", 6, {2}, varint_field(5, -1) + varint_field(5, 300));
  const std::string long_raw = tensor("l", 2, {2}, message({{9, "abcd"}}));
  const std::string bytes =
      model_of(message({{5, strings}, {5, varints}, {5, long_raw}, {12, message({{1, "c"}})}}));
  Diagnostics diagnostics;
  const Graph graph = read_onnx(in_memory(bytes), diagnostics);
  const std::string once = to_onnx(graph);
  const Graph again = reread(graph);
  EXPECT_EQ(to_onnx(again), once);
  const ConstantData& held = *again[*again.find_tensor("c")].constant;
  EXPECT_EQ(held.encoding, Encoding::strings);
  EXPECT_EQ(held.bytes.size(), 5U);
  EXPECT_THAT(to_text(again), HasSubstr("const v: int32[2] = {-1, 300}\n"));
  EXPECT_THAT(to_text(again), HasSubstr("const l: uint8[2] = {97, 98}\n"));
}

// One constant of every purpose, none of which has values.
constexpr const char* kPurposes = R"(graph g {
  opset "" 20
  input x: float32[1,8,4,4]
  const w: float32[8,8,3,3] = omitted
  const wb: float32[8] = omitted
  const scale: float32[8] = omitted
  const shift: float32[8] = omitted
  const mean: float32[8] = omitted
  const var: float32[8] = omitted
  const table: float32[10,8] = omitted
  const index: int64[3] = omitted
  const tokens: int64[6] = omitted
  const packed: int8[8,8] = omitted
  const step: float32[] = omitted
  const half: float16[8,4] = omitted
  const tiny: float8e4m3fn[8,4] = omitted
  const divisor: float32[8] = omitted
  const eps: float32[] = {0.001}
  const kept: float32[2] = {7.0, 8.0}
  const shape: int64[2] = {8, -1}
  a = Conv(x, w, wb)
  n = BatchNormalization(a, scale, shift, mean, var)
  i = Gather(tokens, index)
  e = Gather(table, i)
  d = DequantizeLinear(packed, step)
  m = MatMul(e, d)
  h = Reshape(half, shape)
  hm = MatMul(m, h)
  tm = MatMul(m, tiny)
  v = Div(m, divisor)
  s = Add(v, eps)
  k = Concat(kept, kept)
  output n
  output hm
  output tm
  output s
  output k
})";

TEST(OnnxWriter, MakesValuesByPurpose) {
  const Graph graph = parse_text(kPurposes, "t");
  struct Case {
    const char* name;
    double low;
    double high;
    double zero;
  };
  const double bound = std::sqrt(3.0 / 72);
  const Case cases[] = {{"w", -bound, bound, 0},   {"wb", -0.05, 0.05, 0},  {"scale", 0.9, 1.1, 0},
                        {"shift", -0.05, 0.05, 0}, {"mean", -0.1, 0.1, 0},  {"var", 0.5, 1.5, 1},
                        {"table", -0.05, 0.05, 0}, {"step", 0.01, 0.03, 1}, {"half", -0.62, 0.62, 0},
                        {"divisor", 0.5, 1.5, 1}};
  const Graph random = reread(graph, with(Weights::random));
  const Graph zero = reread(graph, with(Weights::zero));
  for (const Case& each : cases) {
    const Tensor& drawn = random[*random.find_tensor(each.name)];
    double least = HUGE_VAL;
    double most = -HUGE_VAL;
    const auto drawn_numbers = reals(*drawn.constant, drawn.type, 10'000).value();
    for (const double number : drawn_numbers) {
      least = std::min(least, number);
      most = std::max(most, number);
    }
    EXPECT_GE(least, each.low) << each.name;
    EXPECT_LE(most, each.high) << each.name;
    if (elements_of(*drawn.type.shape) > 1) {
      EXPECT_GT(most - least, (each.high - each.low) / 3) << each.name;
    }
    const Tensor& same = zero[*zero.find_tensor(each.name)];
    const auto zeros = reals(*same.constant, same.type, 10'000).value();
    for (const double number : zeros) EXPECT_EQ(number, each.zero) << each.name;
  }
  const std::string text = to_text(random);
  EXPECT_THAT(text, HasSubstr("const index: int64[3] = {0, 0, 0}\n"));
  EXPECT_THAT(text, HasSubstr("const tokens: int64[6] = {0, 0, 0, 0, 0, 0}\n"));  // itself a table of indices
  for (const Graph& written : {random, zero, reread(graph, with(Weights::none))}) {
    EXPECT_THAT(to_text(written), HasSubstr("const eps: float32[] = {0.001}\n"));
    EXPECT_THAT(to_text(written), HasSubstr("const kept: float32[2] = {7.0, 8.0}\n"));
    EXPECT_THAT(to_text(written), HasSubstr("const shape: int64[2] = {8, -1}\n"));
  }
  const Tensor& packed = random[*random.find_tensor("packed")];
  const auto whole = integers(*packed.constant, packed.type, 100).value();
  EXPECT_LT(*std::min_element(whole.begin(), whole.end()), -90);
  EXPECT_GT(*std::max_element(whole.begin(), whole.end()), 90);
}

TEST(OnnxWriter, LeavesValuesOut) {
  const Graph graph = parse_text(kPurposes, "t");
  std::string expected = to_text(graph);
  expected.insert(expected.find("  input x"), "  metadata foretime.weights \"none\"\n");
  Diagnostics diagnostics;
  const std::string bytes = to_onnx(graph, with(Weights::none));
  const Graph read = read_onnx(in_memory(bytes), diagnostics);
  EXPECT_EQ(to_text(read), expected);
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_THAT(to_text(reread(read, with(Weights::zero))), HasSubstr("metadata foretime.weights \"zero\"\n"));
  EXPECT_THAT(to_text(reread(read, with(Weights::zero))), Not(HasSubstr("none")));
}

TEST(OnnxWriter, DrawsTheSameEverywhere) {
  const Graph graph = parse_text(kPurposes, "t");
  const std::string bytes = to_onnx(graph, with(Weights::random, 1));
  EXPECT_EQ(bytes, to_onnx(graph, with(Weights::random, 1)));
  EXPECT_NE(bytes, to_onnx(graph, with(Weights::random, 2)));
  // Golden numbers: a change of these changes files that people may have kept.
  const Graph one =
      parse_text("graph { const w: float32[2,2] = omitted x = MatMul(i, w) input i output x }", "t");
  EXPECT_THAT(to_text(reread(one, with(Weights::random))),
              HasSubstr("const w: float32[2,2] = {0.5333799, -1.0803583, 0.829374, 0.165899}\n"));
}

TEST(OnnxWriter, CutsNarrowFloatsOff) {
  for (const char* type : {"float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "float4e2m1",
                           "float8e8m0", "float16", "bfloat16", "float64", "complex64", "complex128"}) {
    const std::string text =
        std::string("graph { const w: ") + type + "[65,3] = omitted x = MatMul(i, w) input i output x }";
    const Graph read = reread(parse_text(text, "t"), with(Weights::random));
    const ConstantData& data = *read[*read.find_tensor("w")].constant;
    EXPECT_EQ(std::cmp_less_equal(data.bytes.size() * 8, 65 * 3 * bits_of(data_type_named(type)) + 7), true)
        << type;
    for (const std::byte byte : data.bytes) {
      const auto pattern = static_cast<unsigned>(byte);
      const std::string_view name = type;
      EXPECT_TRUE(!name.ends_with("fnuz") || pattern != 0x80U) << type;             // NaN
      EXPECT_TRUE(name != "float8e4m3fn" || (pattern & 0x7fU) < 0x40U) << pattern;  // below 2
      EXPECT_TRUE(name != "float8e8m0" || pattern <= 127U) << pattern;              // at most 1
    }
  }
}

TEST(OnnxWriter, SaysWhatCannotBeWritten) {
  const auto error = [](const std::string& constant, Weights weights = Weights::original) {
    return error_of(parse_text("graph g { const w" + constant + " output w }", "t"), with(weights));
  };
  EXPECT_EQ(error(": float32[2] = omitted"),
            "constant 'w': has no values to write (--weights random or zero makes some, --weights none does "
            "without)");
  EXPECT_EQ(error(": float32[2] = derived"),
            "constant 'w': is computed from other constants, and its values are not known (the graph before "
            "folding, or "
            "--weights random, zero or none)");
  EXPECT_EQ(error(": float32[0] = omitted"), "no error");
  EXPECT_EQ(error(": float32[2] = derived", Weights::random), "no error");
  for (const char* type : {"", ": undefined[2]", ": float32[?]", ": float32[n]", ": seq(float32[2])"}) {
    EXPECT_THAT(error(std::string(type) + " = omitted", Weights::none),
                HasSubstr("(a constant is written with a data type and plain sizes)"))
        << type;
  }
  EXPECT_EQ(error(": float32[100000,100000] = omitted", Weights::random),
            "graph g: takes 40000000106 bytes as one ONNX message (at most 2147483647; weights in a file of "
            "their own do "
            "not count)");
}

class OnnxFiles : public ::testing::Test {
 protected:
  OnnxFiles()
      : folder_(
            std::filesystem::path(::testing::TempDir()) /
            (std::string("onnx_writer_") + ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
  }
  ~OnnxFiles() override { std::filesystem::remove_all(folder_); }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string path() const { return (folder_ / "m.onnx").string(); }

  std::filesystem::path folder_;
};

TEST_F(OnnxFiles, HoldTheBytes) {
  const Graph graph = parse_text(kPurposes, "t");
  write_onnx(graph, path(), with(Weights::random));
  EXPECT_EQ(MappedFile::open(path())->text(), to_onnx(graph, with(Weights::random)));
  EXPECT_EQ(files(), std::vector<std::string>{"m.onnx"});
}

TEST_F(OnnxFiles, KeepBigWeightsBesideThem) {
  const Graph graph = parse_text(kPurposes, "t");
  WriteOptions options = with(Weights::random);
  options.most_bytes_inside = 100;
  write_onnx(graph, path(), options);
  EXPECT_EQ(files(), (std::vector<std::string>{"m.onnx", "m.onnx.data"}));
  Diagnostics diagnostics;
  const Graph read = read_onnx(MappedFile::open(path()), diagnostics);
  // The values are those that would have stood inside.
  EXPECT_EQ(to_onnx(read), to_onnx(reread(graph, with(Weights::random))));
  EXPECT_EQ(std::filesystem::file_size(path() + ".data"), 8 * 8 * 9 * 4U);
}

TEST_F(OnnxFiles, StayWholeWhenWritingFails) {
  std::ofstream(path()) << "before";
  const Graph graph = parse_text("graph g { const w: float32[2] = omitted output w }", "t");
  EXPECT_THROW(write_onnx(graph, path()), Error);
  EXPECT_EQ(MappedFile::open(path())->text(), "before");
  EXPECT_EQ(files(), std::vector<std::string>{"m.onnx"});
  WriteOptions options = with(Weights::zero);
  std::filesystem::create_directories(folder_ / "taken" / "inside");
  EXPECT_THROW(write_onnx(graph, (folder_ / "taken").string(), options), Error);
  EXPECT_THROW(write_onnx(graph, (folder_ / "gone" / "m.onnx").string(), options), Error);
  EXPECT_EQ(files(), (std::vector<std::string>{"m.onnx", "taken"}));
}

}  // namespace
}  // namespace foretime::onnx
