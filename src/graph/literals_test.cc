#include "graph/literals.h"

#include <gtest/gtest.h>

#include <bit>

namespace foretime {
namespace {

/// Bits of the one element that the text stands for.
std::optional<std::uint64_t> bits_of_text(DataType type, const char* text) {
  ConstantWriter writer(type);
  if (!writer.add(text)) return std::nullopt;
  const ConstantData data = std::move(writer).finish();
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < data.bytes.size(); ++i)
    bits |= static_cast<std::uint64_t>(data.bytes[i]) << (8 * i);
  return bits;
}

TEST(Literals, RoundToTheNearestAndRefuseTheRest) {
  struct Case {
    DataType type;
    const char* text;
    std::optional<std::uint64_t> bits;
  };
  const Case cases[] = {
      {DataType::float16, "1.0", 0x3c00},
      {DataType::float16, "-2", 0xc000},
      {DataType::float16, "65504", 0x7bff},
      {DataType::float16, "65519.9", 0x7bff},
      {DataType::float16, "65520", {}},
      {DataType::float16, "inf", 0x7c00},
      {DataType::float16, "-inf", 0xfc00},
      {DataType::float16, "nan", 0x7e00},
      {DataType::float16, "5.9604645e-08", 1},
      {DataType::float16, "2e-08", 0},
      {DataType::float16, "6.1e-05", 0x03ff},
      {DataType::float16, "6.1035156e-05", 0x0400},
      {DataType::float16, "1.00048828125", 0x3c00},  // halfway between two: to the even one
      {DataType::bfloat16, "1.0", 0x3f80},
      {DataType::bfloat16, "-3.3895314e+38", 0xff7f},
      {DataType::bfloat16, "3.4e38", {}},
      {DataType::float32, "0.1", 0x3dcccccd},
      {DataType::float32, "1e39", {}},
      {DataType::float32, "1e-60", 0},
      {DataType::float32, "1e-45", 1},
      {DataType::float64, "-0.0", 0x8000000000000000},
      {DataType::float64, "0.1", 0x3fb999999999999a},
      {DataType::float32, "1.0x", {}},
      {DataType::int8, "-128", 0x80},
      {DataType::int8, "128", {}},
      {DataType::uint8, "255", 0xff},
      {DataType::uint8, "-1", {}},
      {DataType::int4, "-8", 0x08},
      {DataType::int4, "8", {}},
      {DataType::uint2, "3", 3},
      {DataType::uint64, "18446744073709551615", ~std::uint64_t{0}},
      {DataType::int64, "1.5", {}},
      {DataType::boolean, "true", 1},
      {DataType::boolean, "2", {}},
      {DataType::string, "1", {}},
      {DataType::float8e5m2, "1.0", {}},
      {DataType::undefined, "1", {}},
  };
  for (const Case& each : cases)
    EXPECT_EQ(bits_of_text(each.type, each.text), each.bits) << name_of(each.type) << ' ' << each.text;
}

/// All 65536 numbers of both 16-bit types, against their value as tensor.h decodes it.
TEST(Literals, EveryNarrowFloatReadsBackAsItself) {
  for (const DataType type : {DataType::float16, DataType::bfloat16}) {
    for (unsigned pattern = 0; pattern < 0x10000; ++pattern) {
      const ConstantData data = ConstantData::owning({std::byte(pattern & 0xff), std::byte(pattern >> 8)});
      const auto texts = literals_of(data, {type, Shape{1}}, 1);
      ASSERT_TRUE(texts && texts->size() == 1);
      if ((*texts)[0] == "nan") continue;
      ASSERT_EQ(bits_of_text(type, (*texts)[0].c_str()), pattern) << name_of(type) << ' ' << (*texts)[0];
    }
  }
}

TEST(Literals, LookLikeFloats) {
  EXPECT_EQ(literal(1.0F), "1.0");
  EXPECT_EQ(literal(0.1F), "0.1");
  EXPECT_EQ(literal(1e20F), "1e+20");
  EXPECT_EQ(literal(-0.0), "-0.0");
  EXPECT_EQ(literal(0.1), "0.1");
  EXPECT_EQ(literal(-std::bit_cast<float>(0x7fc00001)), "nan");
}

TEST(Literals, PackSeveralToAByte) {
  ConstantWriter writer(DataType::int4);
  for (const char* text : {"-8", "7", "-1"}) EXPECT_TRUE(writer.add(text));
  EXPECT_EQ(integers(std::move(writer).finish(), {DataType::int4, Shape{3}}, 3),
            (std::vector<std::int64_t>{-8, 7, -1}));
}

TEST(Literals, AreAbsentWhereThereIsNothingToWrite) {
  const std::vector<std::int64_t> values = {1, 2};
  EXPECT_FALSE(literals_of(ConstantData::of(values), {DataType::int64, Shape{2}}, 1))
      << "more than the limit";
  EXPECT_FALSE(literals_of(ConstantData::of(values), {DataType::int64, Shape{3}}, 9)) << "too few bytes";
  EXPECT_FALSE(literals_of(ConstantData::of(values), {DataType::string, Shape{2}}, 9));
  EXPECT_FALSE(literals_of({}, {DataType::int64, Shape{0}}, 9)) << "omitted";
}

}  // namespace
}  // namespace foretime
