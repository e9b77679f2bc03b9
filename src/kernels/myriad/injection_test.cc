#include "kernels/myriad/injection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foretime::myriad {
namespace {

using ::testing::ElementsAre;

KernelGraph graph_of(const std::vector<Kind>& kinds, const std::vector<Flow>& flows) {
  KernelGraph graph;
  for (const Kind kind : kinds) {
    Kernel kernel;
    kernel.config.kind = kind;
    kernel.config.height = kernel.config.width = 4;
    kernel.config.channels = kernel.config.in_channels = 8;
    graph.kernels.push_back(kernel);
  }
  graph.flows = flows;
  return graph;
}

std::vector<std::size_t> hosted(const KernelGraph& graph) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < graph.kernels.size(); ++i) {
    if (graph.kernels[i].config.hosted) numbers.push_back(i);
  }
  return numbers;
}

constexpr Kind kConv = Kind::conv;
constexpr Kind kSoftware = Kind::elementwise;

TEST(Injection, HidesNothingInAChain) {
  KernelGraph graph = graph_of({kConv, kSoftware, kConv, kSoftware}, {{0, 1}, {1, 2}, {2, 3}});
  host_software(graph, 1);
  EXPECT_THAT(hosted(graph), ElementsAre());
}

TEST(Injection, HidesABranchBesideTheOther) {
  // 0 ─ 1 conv ─ 2 add
  //  └─ 3 relu ──┘
  KernelGraph graph = graph_of({kConv, kConv, kSoftware, kSoftware}, {{0, 1}, {0, 3}, {1, 2}, {3, 2}});
  host_software(graph, 1);
  EXPECT_THAT(hosted(graph), ElementsAre(3));
  EXPECT_EQ(graph.kernels[1].config.hosted_kind, kSoftware);
  EXPECT_EQ(graph.kernels[1].config.hosted_elements, 128);
  EXPECT_EQ(graph.kernels[3].config.host_macs, 1024);
  EXPECT_EQ(graph.kernels[0].config.hosted_kind, Kind::none);
}

TEST(Injection, GivesEachHostOneGuest) {
  KernelGraph graph = graph_of({kConv, kConv, kSoftware, kSoftware, kSoftware},
                               {{0, 1}, {0, 2}, {0, 3}, {1, 4}, {2, 4}, {3, 4}});
  host_software(graph, 1);
  EXPECT_EQ(hosted(graph).size(), 1U);
}

TEST(Injection, KnowsThatAMergedStageNeedsWhatBothNeed) {
  // The first relu goes into conv 1, which then is no longer independent of what reads that relu.
  KernelGraph graph = graph_of({kConv, kConv, kSoftware, kConv, kSoftware, kSoftware},
                               {{0, 1}, {0, 2}, {2, 3}, {1, 4}, {3, 5}, {4, 5}});
  host_software(graph, 1);
  EXPECT_TRUE(graph.kernels[2].config.hosted);
  EXPECT_FALSE(graph.kernels[5].config.hosted);
}

TEST(Injection, LeavesHugeNetworksAlone) {
  KernelGraph graph;
  graph.kernels.resize(kMostKernels + 1);
  for (Kernel& kernel : graph.kernels) kernel.config.kind = kSoftware;
  graph.kernels[0].config.kind = kConv;
  host_software(graph, 1);
  EXPECT_THAT(hosted(graph), ElementsAre());
}

}  // namespace
}  // namespace foretime::myriad
