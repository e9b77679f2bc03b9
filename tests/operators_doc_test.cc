// docs/operators.md is written from the table of operators; a difference fails, FORETIME_UPDATE_GOLDEN=1
// rewrites it.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "ops/op_spec.h"

namespace foretime {
namespace {

const std::string kPath = std::string(FORETIME_SOURCE_DIR) + "/docs/operators.md";

std::string arity(const ops::OpSpec& spec) {
  const std::string least = std::to_string(spec.min_inputs);
  if (spec.max_inputs == ops::kAny) return least + " or more";
  return spec.min_inputs == spec.max_inputs ? least : least + "–" + std::to_string(spec.max_inputs);
}

std::string_view name_of(ops::Traffic traffic) {
  switch (traffic) {
    case ops::Traffic::streams:
      return "streams";
    case ops::Traffic::view:
      return "view";
    case ops::Traffic::gathers:
      return "gathers";
    case ops::Traffic::metadata:
      return "metadata";
  }
  return "";
}

/// A cell of a table: no bar may stand in it bare.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string document() {
  std::ostringstream out;
  out << "# Operators and what they cost\n\n"
         "Written by `tests/operators_doc_test.cc` from the tables in `src/ops/`; do not edit.\n\n"
         "1 MAC = 2 FLOPs. MACs are the multiply-accumulates of convolutions, matrix products, recurrent "
         "layers and\n"
         "attention; FLOPs are these twice, and all other arithmetic. A rule without a unit counts FLOPs. "
         "Named sizes\n"
         "count at their upper bound.\n\n"
         "Traffic of activations: an operator that *streams* reads each input and writes each output once; a "
         "*view*\n"
         "moves nothing, its output is its input's buffer; one that *gathers* reads of its first input only "
         "as much as\n"
         "it writes; *metadata* reads no elements.\n\n"
         "An operator that is not in these tables is kept, without costs and with a diagnostic "
         "`unknown-operator`.\n";
  for (const ops::Family& family : ops::families()) {
    out << "\n## " << family.name
        << "\n\n| operator | domain | inputs | cost | traffic |\n|---|---|---|---|---|\n";
    for (const ops::OpSpec& spec : family.specs) {
      out << "| " << spec.name << " | " << (spec.domain.empty() ? "ai.onnx" : spec.domain) << " | "
          << arity(spec) << " | " << cell(spec.rule) << " | " << name_of(spec.traffic) << " |\n";
    }
  }
  return out.str();
}

std::string file() {
  std::ifstream stream(kPath, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(OperatorsDoc, IsWhatTheTablesSay) {
  if (std::getenv("FORETIME_UPDATE_GOLDEN") != nullptr) std::ofstream(kPath, std::ios::binary) << document();
  EXPECT_TRUE(file() == document()) << kPath
                                    << " is out of date: run this test with FORETIME_UPDATE_GOLDEN=1";
}

TEST(OperatorsDoc, EveryOperatorIsDescribedOnce) {
  for (const ops::Family& family : ops::families()) {
    for (const ops::OpSpec& spec : family.specs) {
      EXPECT_FALSE(spec.rule.empty()) << spec.name;
      EXPECT_FALSE(spec.roles.empty()) << spec.name;
      EXPECT_LE(spec.min_inputs, spec.max_inputs) << spec.name;
      EXPECT_EQ(ops::find_spec(spec.domain, spec.name), &spec) << spec.name << " is in the tables twice";
    }
  }
}

}  // namespace
}  // namespace foretime
