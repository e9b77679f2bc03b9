#include "passes/bind_inputs.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/error.h"

namespace foretime::passes {
namespace {

// What an importer calls a size that has neither number nor name.
constexpr std::string_view kUnnamed = "?";

bool means_batch(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "n" || lower.find("batch") != std::string::npos;
}

bool unnamed(const Dim& dim) {
  return !dim.is_number() && dim.name() == kUnnamed;
}

/// Numbers for names, whoever gave them.
class Numbers {
 public:
  explicit Numbers(std::map<std::string, std::int64_t> dims) : numbers_(std::move(dims)) {}

  void learn(const std::string& name, std::int64_t number, const std::string& input) {
    const auto [known, fresh] = numbers_.emplace(name, number);
    if (!fresh && known->second != number) {
      throw Error("--shape " + input, "makes '" + name + "' " + std::to_string(number),
                  "elsewhere it is " + std::to_string(known->second));
    }
  }
  const std::int64_t* find(const std::string& name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, std::int64_t> numbers_;
};

void apply_shape(const std::string& name, Shape& shape, const std::vector<std::int64_t>& sizes,
                 Numbers& numbers) {
  if (sizes.size() != shape.size()) {
    throw Error("--shape " + name, "has " + std::to_string(sizes.size()) + " sizes",
                "the input is " + to_string(shape));
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Dim& dim = shape[i];
    if (dim.is_number() && dim.number() != sizes[i]) {
      throw Error(
          "--shape " + name,
          "changes size " + std::to_string(i) + " from " + to_string(dim) + " to " + std::to_string(sizes[i]),
          "only sizes without a number can be bound; the input is " + to_string(shape));
    }
    if (!dim.is_number() && !unnamed(dim)) numbers.learn(dim.name(), sizes[i], name);
    dim = sizes[i];
  }
}

[[noreturn]] void refuse_unbound(const std::set<std::string>& names, const std::vector<std::string>& inputs) {
  std::string text = "needs sizes:";
  for (const std::string& name : names) text += " --dim " + name + "=N";
  for (const std::string& input : inputs) text += " --shape " + input;
  throw Error("", text, "");
}

}  // namespace

std::vector<TensorType> bind_inputs(const Graph& graph, const Bindings& bindings, Diagnostics& diagnostics,
                                    std::set<std::string>* used) {
  Numbers numbers(bindings.dims);
  std::vector<TensorType> types;
  std::set<std::string> fitted;
  bool unnamed_batch = true;
  for (const TensorId input : graph.inputs()) {
    TensorType type = graph[input].type;
    const std::string& name = graph[input].name;
    if (type.shape) {
      for (const Dim& dim : *type.shape) {
        if (!dim.is_number() && bindings.dims.contains(dim.name())) fitted.insert(dim.name());
      }
    }
    if (const auto given = bindings.shapes.find(name); given != bindings.shapes.end()) {
      if (!type.shape) type.shape = Shape(given->second.size(), Dim::named(std::string(kUnnamed)));
      apply_shape(name, *type.shape, given->second, numbers);
      fitted.insert(name);
    }
    const bool scalar = type.shape && type.shape->empty();
    if (!scalar && (!type.shape || !unnamed(type.shape->front()))) unnamed_batch = false;
    types.push_back(std::move(type));
  }

  std::set<std::string> assumed;
  std::set<std::string> missing_names;
  std::vector<std::string> missing_inputs;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string& input = graph[graph.inputs()[i]].name;
    if (!types[i].shape) {
      if (!types[i].sequence) missing_inputs.push_back(input + "=…");
      continue;
    }
    Shape& shape = *types[i].shape;
    const std::string described = input + "=" + to_string(shape);
    bool incomplete = false;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      Dim& dim = shape[axis];
      if (dim.is_number()) continue;
      if (unnamed(dim)) {
        if (axis == 0 && unnamed_batch) {
          assumed.insert("the first size of all inputs");
          dim = 1;
        } else {
          incomplete = true;
        }
      } else if (const std::int64_t* number = numbers.find(dim.name())) {
        dim = *number;
      } else if (means_batch(dim.name())) {
        assumed.insert(dim.name());
        dim = 1;
      } else {
        missing_names.insert(dim.name());
      }
    }
    if (incomplete) missing_inputs.push_back(described);
  }
  if (!missing_names.empty() || !missing_inputs.empty()) refuse_unbound(missing_names, missing_inputs);
  for (const std::string& name : assumed) {
    diagnostics.push_back({Severity::info, "batch-assumed",
                           "'" + name + "' is taken as 1; bind it with --dim or --shape", name});
  }
  if (used != nullptr) used->insert(fitted.begin(), fitted.end());
  return types;
}

}  // namespace foretime::passes
