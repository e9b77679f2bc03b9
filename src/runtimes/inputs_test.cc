#include "runtimes/inputs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"

namespace foretime {
namespace {

InputPlan plan(DataType dtype, std::vector<std::int64_t> sizes) {
  InputPlan plan;
  plan.name = "x";
  plan.dtype = dtype;
  plan.sizes = std::move(sizes);
  return plan;
}

std::vector<float> floats(const TensorValue& value) {
  std::vector<float> numbers(value.bytes.size() / 4);
  std::memcpy(numbers.data(), value.bytes.data(), value.bytes.size());
  return numbers;
}

TensorValue output(std::vector<float> numbers) {
  TensorValue value{"y", DataType::float32, {static_cast<std::int64_t>(numbers.size())}, {}};
  value.bytes.resize(numbers.size() * 4);
  std::memcpy(value.bytes.data(), numbers.data(), value.bytes.size());
  return value;
}

TEST(Inputs, RandomIsReproducibleAndInRange) {
  const TensorValue a = fill_input(plan(DataType::float32, {100, 10}));
  EXPECT_EQ(a.bytes, fill_input(plan(DataType::float32, {100, 10})).bytes);
  double sum = 0;
  for (const float number : floats(a)) {
    EXPECT_GE(number, 0);
    EXPECT_LT(number, 1);
    sum += number;
  }
  EXPECT_NEAR(sum / 1000, 0.5, 0.05);
  InputPlan other = plan(DataType::float32, {100, 10});
  other.seed = 1;
  EXPECT_NE(fill_input(other).bytes, a.bytes);
  for (const std::byte byte : fill_input(plan(DataType::boolean, {1000})).bytes)
    EXPECT_LE(std::to_integer<int>(byte), 1);
}

TEST(Inputs, Files) {
  const TemporaryFolder folder;
  InputPlan wanted = plan(DataType::float32, {2});
  wanted.fill = Fill::file;
  wanted.path = folder.file("x.npy");
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
  std::string npy("\x93NUMPY\x01\x00", 8);
  npy += static_cast<char>(header.size());
  npy += '\0';
  npy += header;
  const float numbers[2] = {1.5F, -2};
  const std::string bytes(reinterpret_cast<const char*>(numbers), 8);
  write_file(wanted.path, npy + bytes);
  EXPECT_EQ(floats(fill_input(wanted)), (std::vector<float>{1.5F, -2}));
  write_file(wanted.path, bytes);
  EXPECT_EQ(floats(fill_input(wanted)), (std::vector<float>{1.5F, -2}));
  const auto problem = [&](const InputPlan& asked) -> std::string {
    try {
      (void)fill_input(asked);
      return "filled";
    } catch (const Error& error) {
      return std::string(error.what()).substr(asked.path.size());
    }
  };
  write_file(wanted.path, npy + bytes);
  wanted.sizes = {3};
  EXPECT_EQ(problem(wanted), ": holds another shape (descr '<f4', shape (3,), in C order, for input x)");
  wanted.dtype = DataType::int64;
  EXPECT_EQ(problem(wanted), ": holds another type (descr '<i8', shape (3,), in C order, for input x)");
  write_file(wanted.path, "1234");
  EXPECT_EQ(problem(wanted), ": holds 4 bytes (24 for input x)");
  write_file(wanted.path, npy.substr(0, 11));
  EXPECT_EQ(problem(wanted), ": the header is cut off (descr '<i8', shape (3,), in C order, for input x)");
}

TEST(Inputs, RefusesWhatCannotBeMade) {
  EXPECT_THROW((void)fill_input(plan(DataType::string, {1})), Error);
  EXPECT_THROW((void)fill_input(plan(DataType::float32, {1 << 20, 1 << 20})), Error);
}

TEST(Outputs, FiniteAndDifferences) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(not_finite({output({1, 2})}), "");
  EXPECT_EQ(not_finite({output({1, infinity})}), "y");
  EXPECT_DOUBLE_EQ(largest_difference({output({1, 4})}, {output({1, 4})}), 0);
  EXPECT_DOUBLE_EQ(largest_difference({output({1, 4})}, {output({2, 4})}), 0.25);
  EXPECT_TRUE(std::isinf(largest_difference({output({1, NAN})}, {output({1, 4})})));
  EXPECT_THROW((void)largest_difference({output({1})}, {output({1, 2})}), Error);
}

}  // namespace
}  // namespace foretime
