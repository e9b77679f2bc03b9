#include "report/numbers.h"

#include <gtest/gtest.h>

#include <limits>

#include "report/json_writer.h"
#include "report/notes.h"
#include "report/text_width.h"

namespace foretime::report {
namespace {

TEST(Numbers, KeepThreeDigitsAcrossTheirSteps) {
  struct Case {
    Cell cell;
    Unit unit;
    const char* text;
  };
  const Case cases[] = {
      {std::int64_t{0}, Unit::count, "0"},
      {std::int64_t{999}, Unit::count, "999"},
      {std::int64_t{1000}, Unit::count, "1.00 K"},
      {std::int64_t{999'499}, Unit::count, "999 K"},
      {std::int64_t{999'500}, Unit::count, "1.00 M"},
      {std::int64_t{4'089'184'256}, Unit::count, "4.09 G"},
      {std::numeric_limits<std::int64_t>::max(), Unit::count, "9.22 E"},
      {std::int64_t{1023}, Unit::bytes, "1023 B"},
      {std::int64_t{1024}, Unit::bytes, "1.00 KB"},
      {std::int64_t{14'019'488}, Unit::bytes, "13.4 MB"},
      {9.996, Unit::milliseconds, "10.0 ms"},
      {0.012345, Unit::milliseconds, "0.0123 ms"},
      {0.00099996, Unit::milliseconds, "0.00100 ms"},
      {1234.5, Unit::milliseconds, "1234 ms"},
      {0.0, Unit::milliseconds, "0 ms"},
      {33.333, Unit::percent, "33.3 %"},
      {Cell{}, Unit::bytes, "?"},
      {Cell{}, Unit::text, ""},
  };
  for (const Case& each : cases) EXPECT_EQ(human_text(each.cell, each.unit), each.text);
}

TEST(Numbers, AreWrittenShortestThatReadsBack) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(shortest(5), "5");
}

TEST(Text, IsCutInTheMiddle) {
  EXPECT_EQ(cut_middle("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(cut_middle("abcdefghij", 6), "ab…hij");
  EXPECT_EQ(cut_middle("äöüäöü", 4), "ä…öü");
  EXPECT_EQ(text_width("äöü"), 3u);
}

TEST(JsonWriter, EscapesAndKeepsTheOrder) {
  JsonWriter json;
  json.begin_object();
  json.field("text", std::string("a\"b\\c\n\x01\xC3\xA4\xFF"));
  json.field("nan", std::numeric_limits<double>::quiet_NaN());
  json.field("flag", true);
  json.array("numbers", std::vector<double>{1, 0.5, 1e300});
  json.key("empty");
  json.begin_object();
  json.end_object();
  json.end_object();
  EXPECT_EQ(json.take(),
            "{\"text\":\"a\\\"b\\\\c\\n\\u0001\xC3\xA4\xEF\xBF\xBD\",\n \"nan\":null,\n \"flag\":true,\n"
            " \"numbers\":[\n  1,\n  0.5,\n  1e+300],\n \"empty\":{}}\n");
}

TEST(Notes, AreGroupedWithWarningsFirst) {
  Diagnostics diagnostics = {{Severity::info, "batch-assumed", "'n' is 1", "x"}};
  for (const char* node : {"a", "b", "c", "d"}) {
    diagnostics.push_back({Severity::warning, "unknown-operator", "no rule for Odd", node});
  }
  for (int i = 0; i < 5; ++i) diagnostics.push_back({Severity::info, "many", std::to_string(i), ""});
  EXPECT_EQ(grouped_notes(diagnostics),
            (std::vector<std::string>{"warning: unknown-operator: no rule for Odd (4 times: a, b, c, …)",
                                      "note: batch-assumed: 'n' is 1 (x)", "note: many: 0", "note: many: 1",
                                      "note: many: 2",
                                      "note: many: 2 more of this kind (--format json lists them)"}));
}

}  // namespace
}  // namespace foretime::report
