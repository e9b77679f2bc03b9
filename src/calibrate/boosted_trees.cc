#include "calibrate/boosted_trees.h"

#include <dlfcn.h>
#include <xgboost/c_api.h>

#include <cstdlib>
#include <limits>
#include <string>

#include "base/error.h"
#include "base/json.h"

namespace foretime {
namespace {

/// The functions used of XGBoost's C API, found at run time: only fitting pays for loading it.
struct Library {
  decltype(&::XGBGetLastError) last_error;
  decltype(&::XGDMatrixCreateFromMat) create_matrix;
  decltype(&::XGDMatrixFree) free_matrix;
  decltype(&::XGBoosterCreate) create;
  decltype(&::XGBoosterFree) free;
  decltype(&::XGBoosterSetParam) set;
  decltype(&::XGBoosterBoostOneIter) boost;
  decltype(&::XGBoosterPredict) predict;
  decltype(&::XGBoosterSaveModelToBuffer) save;

  void check(int code) const {
    if (code != 0) throw Error("XGBoost", last_error());
  }
};

void* open_library() {
  if (const char* path = std::getenv("FORETIME_XGBOOST")) return dlopen(path, RTLD_NOW | RTLD_LOCAL);
  for (const char* name : {"libxgboost.so.0", "libxgboost.so"}) {
    if (void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return handle;
  }
  return nullptr;
}

template <typename Function>
void find(void* handle, const char* name, Function& function) {
  void* symbol = dlsym(handle, name);
  if (symbol == nullptr)
    throw Error("XGBoost", std::string("the library has no ") + name, "version 1.6 or newer");
  function = reinterpret_cast<Function>(symbol);
}

Library load() {
  void* handle = open_library();
  if (handle == nullptr) {
    const char* reason = dlerror();
    throw Error("XGBoost", std::string("is needed to fit: ") + (reason == nullptr ? "not found" : reason),
                "apt-get install libxgboost0, or FORETIME_XGBOOST=/path/to/libxgboost.so");
  }
  Library library{};
  find(handle, "XGBGetLastError", library.last_error);
  find(handle, "XGDMatrixCreateFromMat", library.create_matrix);
  find(handle, "XGDMatrixFree", library.free_matrix);
  find(handle, "XGBoosterCreate", library.create);
  find(handle, "XGBoosterFree", library.free);
  find(handle, "XGBoosterSetParam", library.set);
  find(handle, "XGBoosterBoostOneIter", library.boost);
  find(handle, "XGBoosterPredict", library.predict);
  find(handle, "XGBoosterSaveModelToBuffer", library.save);
  return library;
}

const Library& library() {
  static const Library loaded = load();
  return loaded;
}

/// One tree of XGBoost's JSON: parallel arrays by node; a leaf's value stands where a split has its
/// condition.
Tree tree_of(const Json& json) {
  const Json& left = json.at("left_children");
  const Json& right = json.at("right_children");
  const Json& feature = json.at("split_indices");
  const Json& condition = json.at("split_conditions");
  Tree tree;
  for (std::size_t i = 0; i < left.size(); ++i) {
    Tree::Node node;
    if (left[i].get<int>() < 0) {
      node.value = condition[i].get<float>();
    } else {
      node.feature = feature[i].get<std::int32_t>();
      node.threshold = condition[i].get<float>();
      node.left = left[i].get<std::uint32_t>();
      node.right = right[i].get<std::uint32_t>();
    }
    tree.nodes.push_back(node);
  }
  return tree;
}

}  // namespace

struct BoostedTrees::Handles {
  DMatrixHandle matrix = nullptr;
  BoosterHandle booster = nullptr;
  int rounds = 0;

  ~Handles() {
    if (booster != nullptr) library().free(booster);
    if (matrix != nullptr) library().free_matrix(matrix);
  }
};

BoostedTrees::BoostedTrees(std::span<const float> rows, std::size_t features, const BoostOptions& options)
    : handles_(std::make_unique<Handles>()) {
  const Library& xgboost = library();
  xgboost.check(xgboost.create_matrix(rows.data(), rows.size() / features, features,
                                      std::numeric_limits<float>::quiet_NaN(), &handles_->matrix));
  xgboost.check(xgboost.create(&handles_->matrix, 1, &handles_->booster));
  const std::pair<const char*, std::string> parameters[] = {
      {"tree_method", "hist"},
      {"max_depth", std::to_string(options.depth)},
      {"eta", std::to_string(options.rate)},
      {"min_child_weight", std::to_string(options.min_child_weight)},
      {"lambda", std::to_string(options.ridge)},
      {"max_bin", std::to_string(options.bins)},
      {"colsample_bytree", std::to_string(options.columns_per_tree)},
      {"colsample_bynode", std::to_string(options.columns_per_split)},
      {"seed", std::to_string(options.seed)},
      {"base_score", "0"},
      {"nthread", "1"},
      {"verbosity", "0"},
      {"validate_parameters", "1"},
  };
  for (const auto& [name, value] : parameters) {
    xgboost.check(xgboost.set(handles_->booster, name, value.c_str()));
  }
}

BoostedTrees::~BoostedTrees() = default;

void BoostedTrees::boost(std::span<float> first, std::span<float> second) {
  library().check(
      library().boost(handles_->booster, handles_->matrix, first.data(), second.data(), first.size()));
  ++handles_->rounds;
}

std::span<const float> BoostedTrees::sums() {
  constexpr int kMargin = 1;
  bst_ulong size = 0;
  const float* values = nullptr;
  library().check(library().predict(handles_->booster, handles_->matrix, kMargin, 0, 0, &size, &values));
  return {values, static_cast<std::size_t>(size)};
}

std::vector<Tree> BoostedTrees::trees() const {
  bst_ulong size = 0;
  const char* text = nullptr;
  library().check(library().save(handles_->booster, R"({"format": "json"})", &size, &text));
  const Json model = parse_json({text, static_cast<std::size_t>(size)}, "XGBoost");
  std::vector<Tree> trees;
  for (const Json& tree : model.at("learner").at("gradient_booster").at("model").at("trees")) {
    trees.push_back(tree_of(tree));
  }
  return trees;
}

}  // namespace foretime
