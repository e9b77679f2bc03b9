#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/utf8.h"

namespace foretime {
namespace {

std::string message_of(const std::string& text) {
  try {
    (void)parse_json(text, "x.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Json, KeepsOrderAndKinds) {
  const std::string text =
      R"({"b":[1,-2,1.0,1e+300,18446744073709551615],"a":{"":null,"é":true},"c":"\u0000x"})";
  EXPECT_EQ(parse_json(text, "x.json").dump(), text);
}

TEST(Json, ReadsNumbersToTheLastBit) {
  const Json numbers =
      parse_json("[18446744073709551615666, 0.1, -9223372036854775808, -0.0, 1e-320, 2.5E3]", "x.json");
  EXPECT_EQ(numbers[0].get<double>(), 18446744073709551615666.0);
  EXPECT_EQ(numbers[1].get<double>(), 0.1);
  EXPECT_EQ(numbers[2].get<std::int64_t>(), INT64_MIN);
  EXPECT_TRUE(std::signbit(numbers[3].get<double>()));
  EXPECT_EQ(numbers[4].get<double>(), 1e-320);
  EXPECT_EQ(numbers[5].get<double>(), 2500);
}

TEST(Json, SaysWhere) {
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"{\n  \"a\": 1,\n  \"b\" 2\n}",
       "x.json:3:7: syntax error while parsing object separator - unexpected number literal; expected ':'"},
      {"",
       "x.json:1:1: syntax error while parsing value - unexpected end of input; expected '[', '{', or a "
       "literal"},
      {"[1] x",
       "x.json:1:5: syntax error while parsing value - invalid literal; last read: '1] x'; expected end of "
       "input"},
      {R"([{"a": 1, "b": 2, "a": 3}])", "x.json: the key 'a' occurs twice in one object"},
      {std::string(513, '['), "x.json: is nested more than 512 deep"},
      {std::string(1000000, '['), "x.json: is nested more than 512 deep"},
  };
  for (const Case& each : cases) EXPECT_EQ(message_of(each.text), each.message);
  EXPECT_NE(message_of("\"\xff\""), "no error") << "not UTF-8";
  EXPECT_NE(message_of("1e999"), "no error") << "more than a double can be";
}

TEST(Json, ReadsLargeObjectsInLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 200000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  EXPECT_EQ(parse_json(text + "\"\":0}", "x.json").size(), 200001u);
}

TEST(Utf8, KnowsWellFormedText) {
  for (const char* text : {"", "a", "é", "→", "😀", "a\xf4\x8f\xbf\xbf"}) EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text :
       {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x86", "a\xff"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Errors, ShowTheProblemWithoutThePlace) {
  EXPECT_EQ(Error("here", "is wrong", "try that").problem(), "is wrong (try that)");
  EXPECT_EQ(Error("", "is wrong").problem(), "is wrong");
  // what() would end at a zero byte.
  const Error hostile(std::string("a\0b", 3), "says \x1b[2J", "no");
  EXPECT_STREQ(hostile.what(), "a\\x00b: says \\x1b[2J (no)");
  EXPECT_EQ(hostile.problem(), "says \x1b[2J (no)");
}

}  // namespace
}  // namespace foretime
