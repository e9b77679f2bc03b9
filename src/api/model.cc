#include "api/model.h"

#include <algorithm>
#include <filesystem>

#include "api/quantized_model.h"
#include "base/error.h"
#include "base/stopwatch.h"
#include "base/suggest.h"
#include "formats/format.h"
#include "ops/infer.h"
#include "passes/bind_inputs.h"
#include "zoo/request.h"
#include "zoo/zoo.h"

namespace foretime::api {
namespace {

constexpr std::string_view kZoo = "zoo:";

/// Runs `f` and notes how long it took.
template <typename F>
auto staged(Stages& stages, std::string name, F f) {
  const Stopwatch watch;
  auto result = f();
  stages.emplace_back(std::move(name), watch.elapsed());
  return result;
}

/// Errors of a stage that does not know the file get its name in front.
template <typename F>
auto naming(const std::string& path, F f) {
  try {
    return f();
  } catch (const Error& error) {
    const std::string text = error.what();
    throw text.starts_with(path) ? error : Error(path, text);
  }
}

bool is_readable_model(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return std::any_of(formats().begin(), formats().end(), [&](const Format& format) {
    return format.read != nullptr && name.ends_with(format.suffix);
  });
}

std::vector<std::string> models_in(const std::string& folder) {
  std::vector<std::string> models;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file() && is_readable_model(entry.path())) models.push_back(entry.path().string());
  }
  if (models.empty())
    throw Error(folder, "the folder holds no model files", "files ending in .onnx, .tflite, .graph or .json");
  std::sort(models.begin(), models.end());
  return models;
}

/// A specification of the zoo without its `precision`; nothing: it asks for none, or for fp32.
std::optional<std::string> without_precision(const std::string& spec) {
  const zoo::Specification specification = zoo::parse_specification(spec);
  std::string rest = std::string(kZoo) + specification.name;
  if (!specification.version.empty()) rest += "@" + specification.version;
  std::string precision;
  char mark = '?';
  for (const auto& [key, value] : specification.options) {
    if (key == "precision") {
      precision = value;
    } else {
      rest += mark + key + "=" + value;
      mark = '&';
    }
  }
  if (precision.empty()) return std::nullopt;
  if (precision != "int8") throw Error(spec, "'" + precision + "' is no precision of the zoo's", "int8");
  return rest;
}

}  // namespace

Model read_model(const std::string& spec, const Bindings& bindings) {
  Model model;
  model.info.path = spec;
  if (spec.starts_with(kZoo)) {
    if (const auto floats = without_precision(spec)) {
      model = read_quantized(*floats, bindings);
      model.info.path = spec;
      return model;
    }
    model.source = staged(model.stages, "build", [&] { return zoo::build(spec); });
    model.info.format = "zoo";
  } else {
    const auto file = MappedFile::open(spec);
    const Format& format = detect_format(*file);
    model.source = staged(model.stages, "read", [&] {
      if (format.read_template == nullptr) return format.read(file, model.diagnostics);
      return format.read_template(file, bindings.dims, model.used_bindings, model.diagnostics);
    });
    model.info.format = format.name;
    model.info.bytes = {static_cast<std::int64_t>(file->bytes().size())};
  }
  model.info.name = model.source.name();
  return model;
}

Model load_model(const std::string& spec, const Bindings& bindings, passes::Fold fold) {
  Model model = read_model(spec, bindings);
  naming(spec, [&] {
    const ops::Facts facts = staged(model.stages, "infer", [&] {
      const auto inputs =
          passes::bind_inputs(model.source, bindings, model.diagnostics, &model.used_bindings);
      return ops::infer(model.source, inputs, model.diagnostics);
    });
    model.graph =
        staged(model.stages, "fold", [&] { return passes::fold_constants(model.source, facts, fold); });
    model.source = Graph();  // a network of 100,000 nodes takes 50 MB
    return 0;
  });
  return model;
}

std::string precision_of(const Graph& graph) {
  const auto quantised = [](const Node& node) {
    return node.op == "DequantizeLinear" || node.op.starts_with("QLinear") || node.op == "MatMulInteger" ||
           node.op == "ConvInteger";
  };
  if (std::any_of(graph.nodes().begin(), graph.nodes().end(), quantised)) return "int8";
  DataType found = DataType::float32;
  for (const Tensor& tensor : graph.tensors()) {
    if (tensor.constant == nullptr && is_float(tensor.type.dtype)) {
      found = tensor.type.dtype;
      break;
    }
  }
  switch (found) {
    case DataType::float16:
      return "fp16";
    case DataType::bfloat16:
      return "bf16";
    case DataType::float64:
      return "fp64";
    default:
      return "fp32";
  }
}

Inputs expand_inputs(const std::vector<std::string>& arguments) {
  Inputs inputs;
  inputs.batch = arguments.size() > 1;
  for (const std::string& argument : arguments) {
    std::error_code ignored;
    if (!argument.starts_with(kZoo) && std::filesystem::is_directory(argument, ignored)) {
      inputs.batch = true;
      const auto models = models_in(argument);
      inputs.models.insert(inputs.models.end(), models.begin(), models.end());
    } else {
      inputs.models.push_back(argument);
    }
  }
  return inputs;
}

void check_bindings(const Bindings& bindings, const std::vector<std::set<std::string>>& used,
                    Diagnostics& diagnostics) {
  const auto check = [&](const std::string& flag, const std::string& name) {
    const auto fitted =
        std::count_if(used.begin(), used.end(), [&](const auto& names) { return names.contains(name); });
    if (fitted == 0) {
      throw Error(flag + " " + name, used.size() == 1 ? "the model has nothing of that name"
                                                      : "no model has anything of that name");
    }
    if (static_cast<std::size_t>(fitted) < used.size()) {
      diagnostics.push_back({Severity::info, "binding-unused",
                             flag + " " + name + " fits " + std::to_string(fitted) + " of " +
                                 std::to_string(used.size()) + " models",
                             name});
    }
  };
  if (used.empty()) return;
  for (const auto& [name, size] : bindings.dims) check("--dim", name);
  for (const auto& [name, shape] : bindings.shapes) check("--shape", name);
}

}  // namespace foretime::api
