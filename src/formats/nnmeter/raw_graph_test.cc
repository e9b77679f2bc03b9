#include "formats/nnmeter/raw_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace foretime::nnmeter {
namespace {

using ::testing::ElementsAre;

constexpr const char* kSmall = R"({
  "b": {"attr": {"type": "Conv", "attr": {"kernel_shape": [3, 3], "group": 1, "auto_pad": "b'NOTSET'", "odd": {}},
                 "input_shape": [[1, 8, 8, 3], [4, 3, 3, 3]], "output_shape": [[1, 6, 6, 4]]},
        "inbounds": [], "outbounds": ["a"]},
  "a": {"inbounds": ["b", "gone"], "attr": {"type": "Relu", "attr": {}, "input_shape": [[1, 6, 6, 4]],
        "output_shape": [[1, null, 6, 4]]}, "outbounds": []}
})";

TEST(NnMeterRawGraph, KeepsTheOrderAndWhatIsStored) {
  ASSERT_TRUE(is_raw_graph(kSmall));
  Diagnostics diagnostics;
  const RawGraph graph = parse_raw_graph(kSmall, "g.json", diagnostics);
  ASSERT_EQ(graph.nodes.size(), 2U);
  const RawNode& conv = graph.nodes[0];
  EXPECT_EQ(conv.name, "b");
  EXPECT_EQ(conv.type, "Conv");
  EXPECT_THAT(conv.input_shapes, ElementsAre(RawShape{1, 8, 8, 3}, RawShape{4, 3, 3, 3}));
  EXPECT_EQ(conv.attributes.integers("kernel_shape"), (std::vector<std::int64_t>{3, 3}));
  EXPECT_EQ(conv.attributes.text("auto_pad", ""), "b'NOTSET'");
  EXPECT_THAT(graph.nodes[1].inbounds, ElementsAre("b", "gone"));
  EXPECT_THAT(graph.nodes[1].output_shapes, ElementsAre(RawShape{1, -1, 6, 4}));
  ASSERT_EQ(diagnostics.size(), 2U);
  EXPECT_EQ(diagnostics[0].code, "attribute-dropped");
  EXPECT_EQ(diagnostics[1].code, "size-unknown");
}

TEST(NnMeterRawGraph, IsKnownByItsContent) {
  EXPECT_TRUE(is_raw_graph(" {\"a\\\"\" : {\"outbounds\":[]"));
  const char* const others[] = {"",
                                "{}",
                                "{\"a\": 1}",
                                "[{}]",
                                "{\"a\": {}}",
                                "{\"name\": \"net\", \"layers\": {}}",
                                "{\"a",
                                "{\"a\": {\"x",
                                "{\"foretime.graph\": 1}",
                                "{\"a\": {\"attr\": 1}}"};
  for (const char* text : others) EXPECT_FALSE(is_raw_graph(text)) << text;
}

TEST(NnMeterRawGraph, SaysWhatIsWrong) {
  const auto message = [](const char* text) -> std::string {
    Diagnostics ignored;
    try {
      parse_raw_graph(text, "g.json", ignored);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const char* const cases[][2] = {
      {"[]", "g.json: is no nn-Meter graph (an object with a member for each node)"},
      {"{}", "g.json: holds no node"},
      {R"({"a": 1})", "g.json: a: is no node ({\"attr\": …, \"inbounds\": …, \"outbounds\": …})"},
      {R"({"a": {}})", "g.json: a: has no object 'attr' (type and shapes of the node)"},
      {R"({"a": {"attr": {"type": 1}}})", "g.json: a: has a 'type' that is no string"},
      {R"({"a": {"attr": {"attr": 1}}})", "g.json: a: has an 'attr/attr' that is no object"},
      {R"({"a": {"attr": {"input_shape": 1}}})",
       "g.json: a: has 'input_shape' that is no list (a list of shapes)"},
      {R"({"a": {"attr": {"output_shape": [1]}}})",
       "g.json: a: has in 'output_shape' what is no shape (a list of integers)"},
      {R"({"a": {"attr": {}, "inbounds": 1}})", "g.json: a: has 'inbounds' that is no list (names of nodes)"},
      {R"({"a": {"attr": {}, "inbounds": [1]}})",
       "g.json: a: has in 'inbounds' what is no name (names of nodes)"},
  };
  for (const auto& [text, error] : cases) EXPECT_EQ(message(text), error) << text;
}

}  // namespace
}  // namespace foretime::nnmeter
