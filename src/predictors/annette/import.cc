#include "predictors/annette/import.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "predictors/stack_parameters.h"

namespace foretime::annette {
namespace {

/// What an entry's type is to us. The first row of a class that a model has gives the class its rates.
struct TypeRow {
  std::string_view type;
  std::string_view kernel_class;
  std::vector<Kind> kinds;  // that its estimator prices
  double our_ops;           // of ours in one of ANNETTE's operations
};

/// ANNETTE counts two operations for an element of a pooling window, and transposed convolutions by their
/// output, which at stride 2 is four times too much.
const std::vector<TypeRow>& types() {
  static const std::vector<TypeRow> rows = {
      {"Conv", "conv", {Kind::conv}, 1},
      {"ConvPool", "conv", {Kind::conv}, 1},
      {"DepthwiseConv", "depthwise_conv", {Kind::depthwise_conv}, 1},
      {"DepthwiseSepConv", "depthwise_conv", {Kind::depthwise_conv}, 1},
      {"ConvTranspose", "conv_transpose", {Kind::conv_transpose}, 0.25},
      {"ConvTranspose2d", "conv_transpose", {Kind::conv_transpose}, 0.25},
      {"FullyConnected", "gemm", {Kind::gemm}, 1},
      {"MatMul", "gemm", {Kind::matmul}, 1},
      {"Pool", "pool", {Kind::max_pool, Kind::average_pool, Kind::global_pool}, 0.5},
      {"BatchNorm", "normalization", {Kind::normalization}, 1},
      {"Softmax", "softmax", {Kind::softmax}, 1},
      {"Add", "elementwise", {Kind::elementwise}, 1},
      {"Exp", "transcendental", {Kind::transcendental}, 1},
      {"Tanh", "transcendental", {Kind::transcendental}, 1},
      {"Log", "transcendental", {Kind::transcendental}, 1},
      {"Concat", "data_movement", {Kind::concat}, 1},
  };
  return rows;
}

const TypeRow* row_of(std::string_view type) {
  const auto found =
      std::find_if(types().begin(), types().end(), [&](const TypeRow& row) { return row.type == type; });
  return found == types().end() ? nullptr : &*found;
}

bool along_columns(const TypeRow& row) {
  return row.type != "ConvPool";  // its h is the height, everyone else's the width
}

constexpr std::string_view kLetters = "hwcf";

/// What h, w, c and f are of a kernel; a name of kernels/features.h, or empty: 1.
std::string feature_of(std::size_t letter, const TypeRow& row) {
  switch (letter) {
    case 0:
      return along_columns(row) ? "width" : "height";
    case 1:
      return along_columns(row) ? "height" : "width";
    case 2:
      return row.kernel_class == "conv" || row.kernel_class == "conv_transpose" ? "group_channels"
                                                                                : "in_channels";
    default:
      return row.kernel_class == "depthwise_conv" ? "" : "channels";
  }
}

/// An element of an attribute, as a name of kernels/features.h; empty where there is none.
std::string element_of(const std::string& attribute, std::int64_t index, const TypeRow& row) {
  const auto at = [&](std::initializer_list<const char*> names) -> std::string {
    return index >= 0 && index < std::ssize(names) ? std::data(names)[index] : "";
  };
  const bool flat = row.kernel_class == "gemm";
  if (attribute == "input_shape")
    return flat ? at({"", "in_channels"}) : at({"", "in_height", "in_width", "in_channels"});
  if (attribute == "output_shape")
    return flat ? at({"", "channels"}) : at({"", "height", "width", "channels"});
  if (attribute == "strides") return at({"", "stride", "stride"});
  if (attribute == "dilations") return at({"", "dilation", "dilation"});
  if (attribute != "kernel_shape") return "";
  if (row.kernel_class == "pool") return at({"", "kernel", "kernel_width"});
  if (row.kernel_class == "depthwise_conv") return at({"kernel", "kernel_width", "channels"});
  return at({"kernel", "kernel_width", "group_channels", "channels"});
}

class Importer {
 public:
  Importer(const LayerEntries& model, const std::string& origin, const FindForest& find_forest,
           Diagnostics& diagnostics)
      : model_(model), origin_(origin), find_forest_(find_forest), diagnostics_(diagnostics) {}

  DeviceProfile run() {
    const LayerEntry base = LayerModel(origin_, model_.entries).entry_for("Base");
    set_precision(base);
    Roofline& roofline = profile_.predictor.roofline;
    roofline.peak_ops_per_s = base.ops_per_s;
    roofline.peak_bytes_per_s = base.bytes_per_s;
    roofline.interval_low = 0.5;  // assumed, as of the profiles that come with the program
    roofline.interval_high = 3.5;
    for (const LayerEntry& entry : model_.entries) {
      if (entry.layer_type == "Base" || !is_last(entry)) continue;
      if (const TypeRow* row = row_of(entry.layer_type)) {
        found_.emplace(row - types().data(), &entry);
      } else if (entry.layer_type != "DataInput" && entry.layer_type != "Input") {
        note("annette-entry", "no class of kernels is like '" + entry.layer_type + "': left out");
      }
    }
    for (const auto& [place, entry] : found_) add(types()[static_cast<std::size_t>(place)], *entry);
    profile_.device = model_.name;
    store(parameters_, kind(), profile_.predictor);
    return std::move(profile_);
  }

 private:
  void note(const char* code, const std::string& message) {
    diagnostics_.push_back({Severity::warning, code, message, origin_});
  }

  /// Of two entries of one type the last counts.
  bool is_last(const LayerEntry& entry) const {
    return std::none_of(&entry + 1, model_.entries.data() + model_.entries.size(),
                        [&](const LayerEntry& later) { return later.layer_type == entry.layer_type; });
  }

  void set_precision(const LayerEntry& base) {
    const auto bits = [&](double number) {
      const int whole = static_cast<int>(number);
      if (number < 1 || number > 64 || whole != number)
        throw Error(origin_ + ": Base", "has sizes of no whole bits", "1 to 64");
      return whole;
    };
    Precision& precision = profile_.precision;
    precision = {"", bits(base.bit_act), bits(base.bit_weights)};
    precision.name = precision.weight_bits == 8 ? "int8" : "fp" + std::to_string(precision.weight_bits);
  }

  std::string_view kind() const {
    if (mixed_) return kMixedKind;
    if (!parameters_.estimators.empty()) return kStatisticalKind;
    return parameters_.refinement.classes.empty() ? kRooflineKind : kRefinedKind;
  }

  void add(const TypeRow& row, const LayerEntry& entry) {
    const std::string name(row.kernel_class);
    const ClassRates rates{entry.ops_per_s * row.our_ops, entry.bytes_per_s, std::nullopt};
    const auto [at, fresh] = profile_.predictor.roofline.classes.emplace(name, rates);
    if (!fresh && at->second != rates)
      note("annette-entry",
           name + " has one pair of rates: those of '" + entry.layer_type + "' are left out");
    const bool same_bits = entry.bit_act == profile_.precision.activation_bits &&
                           entry.bit_weights == profile_.precision.weight_bits;
    if (!same_bits)
      note("annette-bits", "'" + entry.layer_type + "' has other bits than Base, whose bits count for all");
    if (fresh && row.our_ops == 0.25)
      note("annette-transposed", "the rate of '" + entry.layer_type + "' is restated for strides of 2");
    if (fresh && (entry.refined || entry.estimator)) refine(row, entry);
    if (entry.estimator) estimate(row, entry);
  }

  void refine(const TypeRow& row, const LayerEntry& entry) {
    ClassSteps steps;
    bool any = false;
    for (std::size_t letter = 0; letter < kDimensions; ++letter) {
      const Parallelism& along = entry.parallelism[letter];
      const double alpha = along.alpha.value_or(1);
      if (!along.par || *along.par <= 1 || alpha <= 0) continue;
      const bool wide = along_columns(row) == (letter == 0);  // of h and w
      const auto dimension = letter < 2    ? (wide ? KernelDimension::width : KernelDimension::height)
                             : letter == 2 ? KernelDimension::channels
                                           : KernelDimension::filters;
      steps[static_cast<std::size_t>(dimension)] = {*along.par, std::min(alpha, 1.0)};
      any = true;
    }
    if (any) parameters_.refinement.classes[std::string(row.kernel_class)] = steps;
  }

  void estimate(const TypeRow& row, const LayerEntry& entry) {
    const EstimatorEntry& from = *entry.estimator;
    mixed_ = mixed_ || from.mixed;
    Estimator estimator;
    estimator.kinds = row.kinds;
    // A model that knows both knows convolutions with a pooling by themselves.
    if (row.kernel_class == "conv" && has("Conv") && has("ConvPool"))
      estimator.fused_pool = row.type == "ConvPool";
    for (const EstimatorEntry::Input& input : from.inputs)
      estimator.inputs.push_back(input_of(input, row, entry));
    estimator.gives = from.seconds_per_op ? Gives::ns_per_op : Gives::ops_per_s;
    estimator.table = entry.layer_type;
    try {
      estimator.forest = find_forest_(from.file);
    } catch (const Error& error) {
      throw Error(origin_ + ": " + entry.layer_type, error.what());
    }
    const std::size_t asked = estimator.forest.trees.features();
    if (asked > estimator.inputs.size()) {
      throw Error(origin_ + ": " + entry.layer_type,
                  "its forest reads " + std::to_string(asked) + " features",
                  std::to_string(estimator.inputs.size()) + ", as 'est_dict' says");
    }
    estimator.inputs.resize(asked);  // trees need not ask for the last ones
    parameters_.estimators.push_back(std::move(estimator));
  }

  bool has(std::string_view type) const {
    return std::any_of(found_.begin(), found_.end(),
                       [&](const auto& each) { return each.second->layer_type == type; });
  }

  EstimatorInput input_of(const EstimatorEntry::Input& from, const TypeRow& row,
                          const LayerEntry& entry) const {
    EstimatorInput input;
    input.constant = from.constant - (from.name.empty() ? from.minus : 0);
    if (from.name.empty()) return input;
    input.minus = from.minus;
    if (from.index) {
      input.name = element_of(from.name, *from.index, row);
    } else if (kernel_count(from.name)) {
      input.name = from.name;
    } else if (from.name.ends_with("_div") || from.name.ends_with("_mod")) {
      return part_of(from, row, entry);
    }
    if (input.name.empty()) {
      const std::string what = from.index ? from.name + "[" + std::to_string(*from.index) + "]" : from.name;
      throw Error(origin_ + ": " + entry.layer_type, "asks for the feature " + what,
                  "num_ops, num_inputs, num_outputs, num_weights, h_div, h_mod, …, and elements of shapes "
                  "but for the batch");
    }
    return input;
  }

  /// "h_div", "c_mod", …: by the parallelism of the entry.
  EstimatorInput part_of(const EstimatorEntry::Input& from, const TypeRow& row,
                         const LayerEntry& entry) const {
    EstimatorInput input;
    const std::size_t letter = kLetters.find(from.name[0]);
    if (letter == std::string_view::npos || from.name.size() != 5)
      throw Error(origin_ + ": " + entry.layer_type, "asks for the feature " + from.name,
                  "h_div, h_mod, w_div, …");
    input.name = feature_of(letter, row);
    const double par = std::max(1.0, entry.parallelism[letter].par.value_or(1));
    const bool quotient = from.name.ends_with("_div");
    if (input.name.empty()) {
      input.constant = quotient == (par == 1) ? 1 : 0;  // of a size of 1
      return input;
    }
    input.part = quotient ? EstimatorInput::Part::quotient : EstimatorInput::Part::remainder;
    input.par = par;
    input.minus = from.minus;
    return input;
  }

  const LayerEntries& model_;
  const std::string& origin_;
  const FindForest& find_forest_;
  Diagnostics& diagnostics_;
  DeviceProfile profile_;
  StackParameters parameters_;
  std::map<std::ptrdiff_t, const LayerEntry*> found_;  // by row of types()
  bool mixed_ = false;
};

}  // namespace

DeviceProfile profile_of(const LayerEntries& model, const RuleSet* mapping, const std::string& origin,
                         const FindForest& find_forest, Diagnostics& diagnostics) {
  DeviceProfile profile = Importer(model, origin, find_forest, diagnostics).run();
  if (mapping != nullptr) profile.fusion_rules = fusion_rules_of(*mapping, diagnostics);
  return profile;
}

}  // namespace foretime::annette
