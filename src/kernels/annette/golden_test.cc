// Mapped graphs against ANNETTE's own. Its files are not part of the project: FORETIME_SHARED, or ../shared,
// names where they are.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "base/mapped_file.h"
#include "kernels/annette/mappings.h"
#include "kernels/annette/network.h"

namespace foretime::annette {
namespace {

namespace fs = std::filesystem;

fs::path shared() {
  const char* home = std::getenv("FORETIME_SHARED");
  return fs::path(home != nullptr ? home : FORETIME_SOURCE_DIR "/../shared") / "data/annette";
}

std::string no_file(const std::string& path) {
  throw Error(path, "is not read here");
}

template <typename List, typename Name>
std::string joined(const List& list, Name name) {
  std::string text;
  bool first = true;
  for (const auto& item : list) {
    text += (first ? "" : "|") + std::string(name(item));
    first = false;
  }
  return text;
}

/// As the golden files have it: idx, name, type, parents, children, fused_layers.
std::string table_of(const Network& network) {
  std::ostringstream out;
  out << "idx,name,type,parents,children,fused_layers\n";
  std::size_t row = 0;
  for (const std::size_t place : network.order) {
    const MappedLayer& layer = network.layers[place];
    out << row++ << "," << layer.name << "," << layer.type << ","
        << joined(layer.parents, [](std::string_view name) { return name; }) << ","
        << joined(network.edges.children[place], [&](std::uint32_t id) { return network.layers[id].name; })
        << "," << joined(layer.fused, [&](const auto& fused) { return network.layers[fused.second].name; })
        << "\n";
  }
  return out.str();
}

std::string without_returns(std::string_view text) {
  std::string kept(text);
  std::erase(kept, '\r');
  return kept;
}

TEST(AnnetteMapping, EqualsTheGoldenGraphs) {
  if (!fs::exists(shared())) GTEST_SKIP() << shared() << " is not there: set FORETIME_SHARED";
  int graphs = 0;
  for (const std::string mapping : {"none", "ov", "dnndk"}) {
    const fs::path folder = shared() / "golden/mapped" / mapping;
    const RuleSet rules = mapping_for(mapping);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".csv") continue;
      fs::path name = fs::relative(entry.path(), folder);
      const auto file = MappedFile::open((shared() / "graphs" / name.replace_extension(".json")).string());
      const RawGraph raw = parse_raw_graph(file->text(), file->path());
      Network network = load(raw);
      apply(rules, network);
      const auto golden = MappedFile::open(entry.path().string());
      EXPECT_EQ(table_of(network), without_returns(golden->text())) << mapping << " " << name;
      ++graphs;
    }
  }
  EXPECT_EQ(graphs, 171);
}

TEST(AnnetteMapping, IsImportedFromJson) {
  if (!fs::exists(shared())) GTEST_SKIP() << shared() << " is not there: set FORETIME_SHARED";
  for (const std::string mapping : {"ov", "dnndk"}) {
    const auto file = MappedFile::open((shared() / "models/mapping" / (mapping + ".json")).string());
    const RuleSet imported = mapping_of_json(file->text(), mapping, no_file);
    const RuleSet ours = mapping_for(mapping);
    EXPECT_EQ(all<Fuse>(imported).size(), all<Fuse>(ours).size());
    for (std::size_t i = 0; i < all<Fuse>(ours).size(); ++i)
      EXPECT_EQ(*all<Fuse>(imported)[i], *all<Fuse>(ours)[i]);
    ASSERT_EQ(all<Split>(imported).size(), all<Split>(ours).size());
    if (!all<Split>(ours).empty()) {
      EXPECT_EQ(*all<Split>(imported)[0], *all<Split>(ours)[0]);
    }
  }
  const auto ov2 = MappedFile::open((shared() / "models/mapping/ov2.json").string());
  try {
    mapping_of_json(ov2->text(), "ov2.json", no_file);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "ov2.json: ConvRelu: asks the classifier models/mapping/ov2-stat/convrelu.sav, a pickle of "
                 "scikit-learn, "
                 "which is not read because reading one runs it (a decision tree exported to JSON "
                 "(docs/annette.md), or "
                 "conditions)");
  }
}

}  // namespace
}  // namespace foretime::annette
