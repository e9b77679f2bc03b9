#include "graph/name_index.h"

#include <gtest/gtest.h>

#include <string>

namespace foretime {
namespace {

struct Entry {
  std::string name;
};

TEST(NameIndex, FindsEveryNameOfATableThatGrows) {
  std::vector<Entry> table;
  NameIndex index;
  EXPECT_EQ(index.find("0", table), NameIndex::kNone);
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const std::string name = std::to_string(i * 7);
    EXPECT_EQ(index.find_or_add(name, i, table), i);
    table.push_back({name});
  }
  for (std::uint32_t i = 0; i < 5000; ++i) {
    EXPECT_EQ(index.find(table[i].name, table), i);
    EXPECT_EQ(index.find_or_add(table[i].name, 5000, table), i);
  }
  EXPECT_EQ(index.find("1", table), NameIndex::kNone);
}

}  // namespace
}  // namespace foretime
