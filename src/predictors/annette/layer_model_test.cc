#include "predictors/annette/layer_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace foretime::annette {
namespace {

using ::testing::HasSubstr;

TEST(AnnetteLayerModel, LastOfTwoEntriesCounts) {
  const LayerModel model = layer_model_of_json(
      R"({"name": "m", "op_s": 1, "architecture": {"bit_act": 4},
          "Base": {"layer_type": "Base", "op_s": 1, "bandwidth": 2},
          "A": {"layer_type": "Log", "op_s": 3, "bandwidth": 4},
          "A": {"layer_type": "Log", "op_s": 5, "bandwidth": 6, "est_type": "refined_roofline",
                "architecture": {"bit_act": 16, "c_par": 32, "c_alpha": 0.5}}})",
      "m.json");
  EXPECT_EQ(model.name(), "m");
  EXPECT_EQ(model.entry_for("Log").ops_per_s, 5);
  EXPECT_EQ(model.entry_for("Log").bit_act, 16);
  EXPECT_EQ(model.entry_for("Log").bit_weights, 8);
  EXPECT_TRUE(model.entry_for("Log").refined);
  EXPECT_EQ(model.entry_for("Log").parallelism[2].par, 32);
  EXPECT_FALSE(model.entry_for("Log").parallelism[0].par);
  EXPECT_EQ(model.entry_for("Relu").bytes_per_s, 2);
  EXPECT_EQ(model.entry_for("Relu").bit_act, 8);
}

TEST(AnnetteLayerModel, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> table[] = {
      {"{", "m:1:2: "},
      {"[]", "m: is no layer model"},
      {"{}", "m: has no entry 'Base'"},
      {R"({"Base": {"layer_type": "Base", "op_s": 1}})", "m: Base: has no 'op_s' or no 'bandwidth'"},
      {R"({"Base": {"layer_type": "Base", "op_s": "1", "bandwidth": 1}})",
       "m: Base: has a 'op_s' that is no number"},
      {R"({"Conv": {"layer_type": "Conv", "est_type": "mixed", "est_model": "a/b.sav", "est_dict": {"0": 1},
                    "op_s": 1, "bandwidth": 1}})",
       "m: Conv: is priced by the estimator a/b.sav, a pickle of scikit-learn"},
  };
  for (const auto& [text, message] : table) {
    try {
      layer_model_of_json(text, "m");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
  EXPECT_THROW(layer_model_for("ncs2-mixed"), Error);
  EXPECT_THROW(layer_model_for("ncs2"), Error);
}

}  // namespace
}  // namespace foretime::annette
