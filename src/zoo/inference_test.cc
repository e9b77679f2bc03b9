// The zoo declares the type of every tensor itself; shape inference, which knows nothing of that, must agree.

#include <gtest/gtest.h>

#include "ops/infer.h"
#include "zoo/zoo.h"

namespace foretime::zoo {
namespace {

TEST(Zoo, DeclaresTheTypesThatInferenceFinds) {
  for (const Listing& item : list()) {
    SCOPED_TRACE(item.name);
    const Graph graph = build(item.name + "?batch=2");
    Diagnostics diagnostics;
    const ops::Facts facts = ops::infer(graph, {}, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics)
      ADD_FAILURE() << diagnostic.where << ": " << diagnostic.message;
    for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
      ASSERT_EQ(to_string(facts.types[i]), to_string(graph.tensors()[i].type)) << graph.tensors()[i].name;
    }
  }
}

}  // namespace
}  // namespace foretime::zoo
