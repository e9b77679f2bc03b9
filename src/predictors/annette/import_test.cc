#include "predictors/annette/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "kernels/common_rules.h"
#include "kernels/detector.h"
#include "predictors/stack_parameters.h"

namespace foretime::annette {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kBase = R"("Base": {"layer_type": "Base", "op_s": 2e11, "bandwidth": 5e9,
                                          "architecture": {"bit_act": 16, "bit_weights": 16}})";
constexpr const char* k16 = R"("architecture": {"bit_act": 16, "bit_weights": 16})";

Forest leaf(std::size_t features, float value) {
  Tree tree;
  tree.nodes = {{-1, 0, 0, 0, value}};
  Forest forest;
  forest.trees = TreeEnsemble(features, {tree}, "leaf");
  return forest;
}

struct Imported {
  DeviceProfile profile;
  std::vector<std::string> codes;  // of diagnostics
};

Imported imported(const std::string& entries, std::size_t features = 3) {
  const LayerEntries model =
      layer_entries_of_json("{\"name\": \"toy\", " + std::string(kBase) + entries + "}", "toy.json");
  Imported result;
  Diagnostics diagnostics;
  const FindForest find = [&](const std::string& file) {
    if (file == "absent.sav") throw Error(file, "is not there");
    return leaf(features, 1e9F);
  };
  result.profile = profile_of(model, nullptr, "toy.json", find, diagnostics);
  for (const Diagnostic& each : diagnostics) result.codes.push_back(each.code);
  return result;
}

std::string entry(const std::string& type, const std::string& more) {
  return ", \"" + type + "\": {\"layer_type\": \"" + type + "\", \"op_s\": 4e11, \"bandwidth\": 6e9, " +
         more + "}";
}

TEST(AnnetteImport, RatesCountAsOursDo) {
  const Imported model = imported(entry("Conv", k16) + entry("Pool", k16) + entry("ConvTranspose", k16) +
                                  entry("DataInput", k16));
  EXPECT_EQ(model.profile.predictor.kind, kRooflineKind);
  EXPECT_EQ(model.profile.precision, (Precision{"fp16", 16, 16}));
  const Roofline& roofline = model.profile.predictor.roofline;
  EXPECT_EQ(roofline.peak_ops_per_s, 2e11);
  EXPECT_EQ(roofline.classes.at("conv").ops_per_s, 4e11);
  EXPECT_EQ(roofline.classes.at("pool").ops_per_s, 2e11);
  EXPECT_EQ(roofline.classes.at("conv_transpose").ops_per_s, 1e11);
  EXPECT_EQ(roofline.classes.size(), 3);
  EXPECT_THAT(model.codes, ElementsAre("annette-transposed"));
}

TEST(AnnetteImport, SaysWhatHasNoPlace) {
  EXPECT_THAT(imported(entry("Strange", k16)).codes, ElementsAre("annette-entry"));
  EXPECT_THAT(
      imported(entry("Exp", k16) + entry("Log", R"("architecture": {"bit_act": 8, "bit_weights": 16})"))
          .codes,
      ElementsAre("annette-bits"));
  EXPECT_THAT(imported(entry("Conv", k16) +
                       ", \"ConvPool\": {\"layer_type\": \"ConvPool\", \"op_s\": 1e9, \"bandwidth\": 6e9, " +
                       k16 + "}")
                  .codes,
              ElementsAre("annette-entry"));
}

TEST(AnnetteImport, RefinesAlongOurDimensions) {
  const std::string steps =
      R"("est_type": "refined_roofline", "architecture": {"bit_act": 16, "bit_weights": 16,
      "h_par": 8, "h_alpha": 0.5, "w_par": 1, "w_alpha": 1, "c_par": 16, "c_alpha": 0, "f_par": 32})";
  const Imported model = imported(entry("Conv", steps));
  EXPECT_EQ(model.profile.predictor.kind, kRefinedKind);
  // ANNETTE's h is a convolution's width; an alpha of 0 shows nothing, none at all shows everything.
  EXPECT_EQ(
      model.profile.predictor.parameters,
      R"({"parallelism":{"conv":{"width":{"par":8.0,"alpha":0.5},"filters":{"par":32.0,"alpha":1.0}}}})");
}

TEST(AnnetteImport, EstimatorsReadOurNames) {
  const std::string mixed = R"("est_type": "mixed", "est_model": "a/conv.sav", "y_val": "s/ops",
      "est_dict": {"10": 5, "2": {"name": "kernel_shape", "i": 2, "dec": 1}, "1": "h_mod", "0": "num_ops"},
      "architecture": {"bit_act": 16, "bit_weights": 16, "h_par": 8, "h_alpha": 1})";
  const Imported model = imported(entry("Conv", mixed) + entry("ConvPool", mixed));
  EXPECT_EQ(model.profile.predictor.kind, kMixedKind);
  const StackParameters parameters = parse_stack_parameters(model.profile.predictor, "toy");
  ASSERT_EQ(parameters.estimators.size(), 2);
  const Estimator& conv = parameters.estimators[0];
  EXPECT_EQ(conv.kinds, std::vector{Kind::conv});
  EXPECT_EQ(conv.fused_pool, false);
  EXPECT_EQ(conv.gives, Gives::ns_per_op);
  // The forest reads three features: the constant is never asked for.
  EXPECT_THAT(conv.inputs, ElementsAre(EstimatorInput{"num_ops"},
                                       EstimatorInput{"width", EstimatorInput::Part::remainder, 8},
                                       EstimatorInput{"group_channels", EstimatorInput::Part::whole, 1, 1}));
  EXPECT_EQ(parameters.estimators[1].fused_pool, true);
  EXPECT_EQ(parameters.estimators[1].inputs[1].name, "height");
}

TEST(AnnetteImport, StatisticalForgetsItsArchitecture) {
  const std::string statistical = R"("est_type": "statistical", "est_model": "conv.sav",
      "est_dict": {"0": "num_ops", "1": "c_div", "2": "f_mod"}, "architecture": {"bit_act": 16, "bit_weights": 16, "c_par": 16})";
  const Imported model = imported(entry("Conv", statistical));
  EXPECT_EQ(model.profile.predictor.kind, kStatisticalKind);
  const StackParameters parameters = parse_stack_parameters(model.profile.predictor, "toy");
  EXPECT_EQ(parameters.estimators[0].inputs[1],
            (EstimatorInput{"group_channels", EstimatorInput::Part::quotient, 1}));
}

TEST(AnnetteImport, SaysWhatIsMissing) {
  const auto error_of = [](const std::string& entries, std::size_t features) {
    try {
      imported(entries, features);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const auto mixed = [](const std::string& file, const std::string& feature) {
    return entry(
        "Conv", R"("est_type": "mixed", "est_model": ")" + file + R"(", "est_dict": {"0": )" + feature + "}");
  };
  EXPECT_THAT(error_of(mixed("absent.sav", "\"num_ops\""), 1),
              HasSubstr("toy.json: Conv: absent.sav: is not there"));
  EXPECT_THAT(error_of(mixed("a.sav", "\"num_bytes\""), 1),
              HasSubstr("toy.json: Conv: asks for the feature num_bytes"));
  EXPECT_THAT(error_of(mixed("a.sav", R"({"name": "input_shape", "i": 0})"), 1),
              HasSubstr("the feature input_shape[0]"));
  EXPECT_THAT(error_of(mixed("a.sav", "\"num_ops\""), 2),
              HasSubstr("its forest reads 2 features (1, as 'est_dict' says)"));
}

TEST(AnnetteImport, MappingsBecomeOurRules) {
  Diagnostics diagnostics;
  const RuleSet mapping = parse_rules(
      "split Softplus = Exp Power Log\nremove Dropout\nfuse Conv + BatchNorm\nfuse DepthwiseConv + Relu6\n"
      "fuse Conv + Pool -> ConvPool where consumer.pooling_type == MAX and consumer.kernel_shape[1] == 2\n"
      "fuse Conv + Add where producer.num_ops > 5\n",
      "ov");
  const std::string rules = fusion_rules_of(mapping, diagnostics);
  EXPECT_EQ(rules,
            "set annette_pool = max_pool average_pool\nremove Dropout\nfuse conv + BatchNormalization\n"
            "fuse depthwise_conv + Clip\nfuse conv + max_pool where consumer.kernel_shape[0] == 2\n");
  EXPECT_EQ(diagnostics.size(), 2);
  Detector detector(parse_rules(rules + std::string(common_rules()), "rules"));
}

}  // namespace
}  // namespace foretime::annette
