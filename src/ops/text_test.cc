#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

TEST(Text, Types) {
  const Input words = typed(DataType::string, {1, 5});
  const std::vector<Case> cases = {
      {"StringNormalizer", {words}, {}, {"string[1,5]"}, 0, 0},
      {"StringNormalizer", {words}, {{"stopwords", std::vector<std::string>{"a"}}}, {"string[1,n]"}},
      {"StringConcat", {words, typed(DataType::string, {3, 1})}, {}, {"string[3,5]"}},
      {"StringSplit", {words}, {}, {"string[1,5,n]", "int64[1,5]"}},
      {"RegexFullMatch", {words}, {}, {"bool[1,5]"}},
      {"TfIdfVectorizer", {words}, {{"ngram_indexes", std::vector<std::int64_t>{0, 2, 1}}}, {"float32[1,3]"}},
      {"Tokenizer", {words}, {}, {"string[1,5,n]"}, 0, 0, "com.microsoft"},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

}  // namespace
}  // namespace foretime::ops::testing
