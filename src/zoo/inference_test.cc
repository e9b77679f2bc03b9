// The zoo declares the type of every tensor itself; shape inference, which knows nothing of that, must agree.

#include <gtest/gtest.h>

#include "ops/infer.h"
#include "zoo/zoo.h"

namespace foretime::zoo {
namespace {

void expect_types_of(const std::string& specification) {
  SCOPED_TRACE(specification);
  const Graph graph = build(specification);
  Diagnostics diagnostics;
  const ops::Facts facts = ops::infer(graph, {}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics)
    ADD_FAILURE() << diagnostic.where << ": " << diagnostic.message;
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    ASSERT_EQ(to_string(facts.types[i]), to_string(graph.tensors()[i].type)) << graph.tensors()[i].name;
  }
}

TEST(Zoo, DeclaresTheTypesThatInferenceFinds) {
  for (const Listing& item : list()) expect_types_of(item.name + "?batch=2");
}

TEST(Zoo, RandomNetworksAreWhatTheyDeclare) {
  constexpr int kSeeds = 200;
  for (int seed = 0; seed < kSeeds; ++seed) {
    expect_types_of("random_blocks?seed=" + std::to_string(seed));
    expect_types_of("random_network?seed=" + std::to_string(seed));
  }
}

}  // namespace
}  // namespace foretime::zoo
