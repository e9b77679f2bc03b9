// ANNETTE's files are not part of the project: FORETIME_SHARED, or ../shared, names where they are.

#include "formats/annette/raw_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/mapped_file.h"
#include "formats/annette/walk.h"

namespace foretime::annette {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

constexpr const char* kSmall = R"({
  "name": "small",
  "layers": {
    "b": {"type": "Conv", "parents": ["a:0"], "children": [], "output_shape": [-1, 8, 8, 4], "note": {"x": null},
          "kernel_shape": ["k_size", 3, 3, "2*filters"], "strides": [1, 2, 2, 1]},
    "a": {"type": "DataInput", "parents": [], "children": ["b"], "output_shape": [-1, 16, 16, 3]}
  },
  "input_layers": ["a"]
})";

TEST(AnnetteRawGraph, KeepsTheOrderAndWhatIsStored) {
  ASSERT_TRUE(is_raw_graph(kSmall));
  const RawGraph graph = parse_raw_graph(kSmall, "g.json");
  EXPECT_EQ(graph.name, "small");
  ASSERT_EQ(graph.layers.size(), 2U);
  EXPECT_EQ(graph.layers[0].name, "b");
  EXPECT_EQ(graph.layers[0].type, "Conv");
  EXPECT_THAT(graph.layers[0].parents, ElementsAre("a:0"));
  EXPECT_THAT(graph.layers[1].children, ElementsAre("b"));
  EXPECT_EQ(*sizes(graph.layers[0], "output_shape"), (Integers{-1, 8, 8, 4}));
  EXPECT_EQ(sizes(graph.layers[0], "kernel_shape"), nullptr);
  EXPECT_EQ(graph.others[0].first, "input_layers");
  EXPECT_EQ(parse_raw_graph(to_json(graph), "written"), graph);
}

TEST(AnnetteRawGraph, NamesTheColumnsOfTemplates) {
  const RawGraph graph = parse_raw_graph(kSmall, "g.json");
  EXPECT_THAT(columns(graph), ElementsAre("filters", "k_size"));
  std::set<std::string> used;
  const RawGraph bound = with_columns(graph, {{"filters", 5}, {"k_size", 7}, {"width", 1}}, used);
  EXPECT_EQ(*sizes(bound.layers[0], "kernel_shape"), (Integers{7, 3, 3, 10}));
  EXPECT_THAT(used, ElementsAre("filters", "k_size"));
  EXPECT_TRUE(columns(bound).empty());
}

TEST(AnnetteRawGraph, IsKnownByItsContent) {
  EXPECT_TRUE(is_raw_graph(" {\"layers\" : {"));
  for (const char* text : {"", "{}", "[{}]", "{\"name\": \"layers\"}", "{\"layers\": []", "{\"layers\"",
                           "{\"a\": {\"attr\": {}}}"}) {
    EXPECT_FALSE(is_raw_graph(text)) << text;
  }
}

struct Bad {
  const char* text;
  const char* message;
};

TEST(AnnetteRawGraph, SaysWhatIsWrong) {
  const Bad table[] = {
      {"{", "g:1:2: "},
      {"[]", "g: is no ANNETTE graph (an object)"},
      {"{}", "g: is no ANNETTE graph (an object with the key 'layers')"},
      {R"({"layers": {}})", "g: holds no layer"},
      {R"({"layers": []})", "g: has 'layers' that are no object"},
      {R"({"layers": {"a": 1}})", "g: a: is no layer ({\"type\": …})"},
      {R"({"layers": {"a": {}}})", "g: a: has no 'type' (the operator's name)"},
      {R"({"layers": {"a": {"type": 1}}})", "g: a: has a 'type' that is no text"},
      {R"({"layers": {"a": {"type": "T", "parents": "b"}}})",
       "g: a: has 'parents' that are no list (names of layers)"},
      {R"({"layers": {"a": {"type": "T", "children": [1]}}})",
       "g: a: has in 'children' what is no name (names of layers)"},
      {R"({"layers": {"a": {"type": "T"}, "a": {"type": "T"}}})", "g: a: there are two layers of this name"},
  };
  for (const Bad& bad : table) {
    try {
      parse_raw_graph(bad.text, "g");
      ADD_FAILURE() << bad.text;
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with(bad.message)) << error.what();
    }
  }
}

RawGraph graph_of(const std::string& layers) {
  return parse_raw_graph("{\"layers\": {" + layers + "}}", "g");
}

std::string layer(const std::string& name, const std::string& parents, const std::string& children) {
  return "\"" + name + R"(": {"type": "T", "parents": [)" + parents + R"(], "children": [)" + children + "]}";
}

TEST(AnnetteWalk, ChildrenDriveItAndParentsGateIt) {
  const std::string comma = ",";
  // c has two parents; d is no child of any; e has no parent, but is a child.
  const RawGraph graph = graph_of(layer("b", R"("a")", R"("c")") + comma + layer("c", R"("a", "b:1")", "") +
                                  comma + layer("d", R"("a")", "") + comma + layer("e", "", "") + comma +
                                  layer("a", "", R"("c", "b", "e")"));
  EXPECT_THAT(evaluation_order(graph), ElementsAre(3, 4, 0, 3, 1));
}

TEST(AnnetteWalk, EndsOnWhateverItIsGiven) {
  EXPECT_THAT(
      evaluation_order(graph_of(layer("a", R"("b")", R"("b")") + "," + layer("b", R"("a")", R"("a")"))),
      ElementsAre());
  EXPECT_THROW(evaluation_order(graph_of(layer("a", "", R"("a")"))), Error);
  EXPECT_THROW(evaluation_order(graph_of(layer("a", "", R"("gone")"))), Error);
}

TEST(AnnetteRawGraph, OfEveryFileIsWrittenAndReadAgain) {
  const char* home = std::getenv("FORETIME_SHARED");
  const fs::path folder =
      fs::path(home != nullptr ? home : FORETIME_SOURCE_DIR "/../shared") / "data/annette/graphs";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there: set FORETIME_SHARED";
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const auto file = MappedFile::open(entry.path().string());
    EXPECT_TRUE(is_raw_graph(file->text())) << entry.path();
    const RawGraph graph = parse_raw_graph(file->text(), file->path());
    EXPECT_EQ(parse_raw_graph(to_json(graph), "written"), graph) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 57);
}

}  // namespace
}  // namespace foretime::annette
