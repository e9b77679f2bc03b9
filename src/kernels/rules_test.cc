#include "kernels/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "graph/graph_text.h"

namespace foretime {
namespace {

using ::testing::ElementsAre;

std::string message_of(const std::string& text) {
  try {
    parse_rules(text, "r");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Rules, PrintAsTheyAreWritten) {
  const char* const texts[] = {
      "",
      "set activation = Relu Clip LeakyRelu\n",
      "set \"a b\" = \"#\" c-d e.f /g\n",
      "alias MaxPool AveragePool = pool\n",
      "remove Identity Dropout\n",
      "split Softplus = Exp Pow Log\n",
      "consumers none\n",
      "consumers first\n",
      "consumers all\n",
      "fuse conv + relu\n",
      "fuse Conv + Pool -> ConvPool\n",
      "fuse conv + relu consumers all\n",
      "fuse conv + relu -> cr consumers first where producer.group == 1\n",
      "fuse a + b where producer.kernel_shape[1] == 2 and consumer.pooling_type == MAX\n",
      "fuse a + b where producer.x > 1 and producer.x < -2.5 and producer.x >= 1e-3 and producer.x <= 640\n",
      "fuse a + b where producer.mode == \"two words\"\n",
      "block relu6 = graph {\n  input x\n  y = Clip(x) {max = 6.0}\n  output y\n}\nfuse relu6 + relu6\n",
  };
  for (const std::string text : texts) {
    const RuleSet rules = parse_rules(text, "r");
    EXPECT_EQ(to_text(rules), text);
    EXPECT_EQ(parse_rules(to_text(rules), "again"), rules) << text;
  }
}

TEST(Rules, AreReadHoweverTheyAreSpaced) {
  const char* const cases[][2] = {
      {"# nothing\n\n \t\r\n# more", ""},
      {"remove Identity# and why\r\n", "remove Identity\n"},
      {"fuse a+b->c", "fuse a + b -> c\n"},
      {"set a=b c", "set a = b c\n"},
      {"fuse a + b where producer.k [ 0 ]>=2", "fuse a + b where producer.k[0] >= 2\n"},
      {"fuse fuse + set where producer.where == and and consumer.and == where",
       "fuse fuse + set where producer.where == and and consumer.and == where\n"},
      {"block b = graph { # }\n input x output x }# end\nremove c",
       "block b = graph {\n  input x: undefined[?]\n  output x\n}\nremove c\n"},
  };
  for (const auto& [text, printed] : cases) {
    EXPECT_EQ(parse_rules(to_text(parse_rules(text, "r")), "r"), parse_rules(printed, "p")) << text;
  }
}

TEST(Rules, KeepTheirOrderAndParts) {
  const RuleSet rules = parse_rules(
      "fuse a + b -> ab consumers all where producer.kernel_shape[1] >= 2 and consumer.kind == MAX\n"
      "remove c\nfuse b + a\nconsumers first\n",
      "r");
  EXPECT_EQ(rules.rules.size(), 4U);
  const auto fuses = all<Fuse>(rules);
  ASSERT_EQ(fuses.size(), 2U);
  const Condition first{false, "kernel_shape", 1, Comparison::greater_equal, "2"};
  const Condition second{true, "kind", std::nullopt, Comparison::equal, "MAX"};
  EXPECT_EQ(*fuses[0], (Fuse{"a", "b", "ab", Consumers::all, {first, second}}));
  EXPECT_EQ(*fuses[1], (Fuse{"b", "a", "", std::nullopt, {}}));
  EXPECT_EQ(default_consumers(rules), Consumers::first);
  EXPECT_EQ(default_consumers({}), Consumers::none);
}

TEST(Rules, SetsStandForTheirWords) {
  const RuleSet rules =
      parse_rules("set relu = relu Relu6\nset activation = relu Tanh relu\nset a = b\nset b = a c\n", "r");
  EXPECT_THAT(words_of(rules, "conv"), ElementsAre("conv"));
  EXPECT_THAT(words_of(rules, "relu"), ElementsAre("relu", "Relu6"));
  EXPECT_THAT(words_of(rules, "activation"), ElementsAre("relu", "Relu6", "Tanh"));
  EXPECT_THAT(words_of(rules, "a"), ElementsAre("c")) << "sets that mention each other come to an end";
}

TEST(Rules, SayWhatIsWrongWhere) {
  const char* const cases[][2] = {
      {"fus a + b", "r:1: 'fus' is no rule (did you mean fuse?)"},
      {"\n# c\n+", "r:3: unexpected '+' (expected a rule)"},
      {"remove", "r:1: unexpected end of the line (expected a word)"},
      {"remove a, b", "r:1: unexpected ',' (expected a word)"},
      {"remove \"\"", "r:1: a name is empty (expected a word)"},
      {"set a", "r:1: unexpected end of the line (expected '=')"},
      {"set a = b\nset a = c", "r:2: the set 'a' is stated twice"},
      {"alias a b = c\nalias b = d", "r:2: 'b' has two aliases"},
      {"split a = # b", "r:1: unexpected end of the line (expected a word)"},
      {"consumers some", "r:1: unexpected 'some' (expected none, first or all)"},
      {"consumers all\nconsumers all", "r:2: the default for consumers is stated twice"},
      {"fuse a", "r:1: unexpected end of the line (expected '+')"},
      {"fuse a + b + c", "r:1: unexpected '+' (expected the end of the line)"},
      {"fuse a + b where kernel == 1",
       "r:1: 'kernel' cannot be compared (expected producer.ATTRIBUTE or consumer.ATTRIBUTE)"},
      {"fuse a + b where producer. == 1",
       "r:1: 'producer.' cannot be compared (expected producer.ATTRIBUTE or consumer.ATTRIBUTE)"},
      {"fuse a + b where producer.k[-1] == 1", "r:1: a place in a list is a number from 0"},
      {"fuse a + b where producer.k != 1", "r:1: unexpected '!' (expected ==, >, <, >= or <=)"},
      {"fuse a + b where producer.k > MAX", "r:1: 'MAX' has no order (a number, or the comparison ==)"},
      {"fuse a + b where producer.k ==", "r:1: unexpected end of the line (expected a number or a word)"},
      {"block b =", "r:1: unexpected end of the line (expected 'graph {')"},
      {"\nblock b = graph {\n", "r:2: the pattern does not end (expected '}')"},
      {"\nblock b = graph { input x\n output z }",
       "r:3:9: nothing produces 'z' (an input, a const, a capture or a node's result)"},
      {"\nblock b = grap { }", "r:2:11: unexpected 'grap' (expected 'graph')"},
      {"block b = graph { input x output x } c", "r:1: unexpected 'c' (expected the end of the line)"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(text), message) << text;
}

TEST(Rules, ExpressAnnettesMappings) {
  EXPECT_EQ(message_of("remove Identity\nsplit Softplus = Exp Power Log\nfuse Conv + BatchNorm\n"
                       "fuse Conv + Pool -> ConvPool where consumer.kernel_shape[1] == 2 and "
                       "consumer.kernel_shape[2] == 2 and consumer.pooling_type == MAX\n"),
            "no error");
}

TEST(Rules, TakeLinearTime) {
  std::string text;
  for (int i = 0; i < 100000; ++i)
    text += "set s" + std::to_string(i) + " = s" + std::to_string(i - 1) + "\n";
  const RuleSet rules = parse_rules(text, "r");
  EXPECT_THAT(words_of(rules, "s99999"), ElementsAre("s-1"));
}

}  // namespace
}  // namespace foretime
