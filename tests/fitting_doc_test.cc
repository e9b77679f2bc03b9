// docs/physics.md is written from the tables of columns and features; a difference fails,
// FORETIME_UPDATE_GOLDEN=1 rewrites it. The parameters shown in docs/fitting.md are read and written.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "base/json.h"
#include "kernels/features.h"
#include "kernels/physics.h"
#include "predictors/additive_parameters.h"

namespace foretime {
namespace {

std::string docs(const std::string& name) {
  return std::string(FORETIME_SOURCE_DIR) + "/docs/" + name;
}

std::string file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string_view name_of(char resource) {
  return resource == 'W' ? "work" : resource == 'M' ? "memory" : "steps";
}

void describe(std::ostringstream& out, const Physics& physics) {
  out << "\n## " << physics.name << ": " << physics.what << "\n\nA unit of work is " << physics.ops_per_work
      << " operations, a unit of memory " << physics.bytes_per_memory
      << " bytes.\n\n| column | resource | ratio |\n|---|---|---|\n";
  for (const PhysicsGroup& group : physics.groups) {
    for (const PhysicsColumn& column : group.columns) {
      out << "| `" << group.name << ":" << column.name << "` | " << name_of(column.resource) << " | "
          << column.ratio << " |\n";
    }
  }
}

std::string document() {
  std::ostringstream out;
  out << "# What kernels are priced by\n\n"
         "Written by `tests/fitting_doc_test.cc` from the tables in `src/kernels/`; do not edit. "
         "[fitting.md](fitting.md)\nsays what they are for.\n\n"
         "A column is named after the kernels that it applies to and what it counts; its ratio compares its "
         "price with\nthat of one unit of its resource: work, memory, or steps that follow one another.\n";
  for (const Physics& physics : all_physics()) describe(out, physics);
  out << "\n## Features\n\nWhat corrections may depend on; a unit is left out for codes, remainders and "
         "ratios.\n\n| feature | unit | of |\n|---|---|---|\n";
  for (const Feature& feature : features()) {
    out << "| `" << feature.name << "` | " << feature.unit << " | "
        << (feature.physics.empty() ? "all" : feature.physics) << " |\n";
  }
  return out.str();
}

TEST(FittingDoc, PhysicsIsWhatTheTablesSay) {
  const std::string path = docs("physics.md");
  if (std::getenv("FORETIME_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << document();
  EXPECT_TRUE(file(path) == document())
      << path << " is out of date: run this test with FORETIME_UPDATE_GOLDEN=1";
}

TEST(FittingDoc, ParametersShownAreReadAndWritten) {
  const std::string text = file(docs("fitting.md"));
  const std::size_t begin = text.find("```json\n");
  ASSERT_NE(begin, std::string::npos);
  const std::string shown = text.substr(begin + 8, text.find("```", begin + 8) - begin - 8);
  const Json json = Json::parse(shown);
  Predictor predictor;
  predictor.parameters = json["parameters"].dump();
  for (const auto& [name, table] : json["tables"].items()) predictor.tables[name] = table.get<std::string>();
  const AdditiveParameters parameters = parse_additive_parameters(predictor, "docs/fitting.md");
  Predictor written;
  store(parameters, written);
  EXPECT_EQ(written.parameters, predictor.parameters);
  EXPECT_EQ(written.tables, predictor.tables);
  EXPECT_EQ(parameters.corrections.trees(), 1U);
  EXPECT_EQ(parameters.known.size(), 1U);
}

}  // namespace
}  // namespace foretime
