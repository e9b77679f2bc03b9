#include "api/convert.h"

#include "api/quantized_model.h"
#include "api/zoo.h"
#include "base/error.h"
#include "ops/infer.h"
#include "passes/annotate_types.h"

namespace foretime::api {

namespace {

/// Error, too: the format cannot hold the precision that is asked for.
const Format& format_for(const std::string& output, const std::string& to, const WriteOptions& options) {
  const Format& format = output_format(output, to);
  const bool known = options.precision.empty() || options.precision == "fp32" || options.precision == "int8";
  if (!known) throw Error("--precision " + options.precision, "is no precision to convert to", "fp32, int8");
  if (options.precision == "int8" && format.needs_sizes && format.name != "tflite") {
    throw Error("--precision int8", "is not written as " + std::string(format.name),
                "onnx, text, ir-json, dot, tflite");
  }
  return format;
}

/// TFLite's writer quantises itself: its integers stand with the tensors, not between operators.
bool quantizes(const Format& format, const WriteOptions& options) {
  return options.precision == "int8" && !format.needs_sizes;
}

Diagnostics convert_as_it_runs(const ConvertRequest& request, const Format& format) {
  Model model = load_model(request.input, request.bindings, folding(format));
  check_bindings(request.bindings, {model.used_bindings}, model.diagnostics);
  format.write(model.graph, request.output, request.options);
  return std::move(model.diagnostics);
}

}  // namespace

passes::Fold folding(const Format& format) {
  return format.needs_values ? passes::Fold::known : passes::Fold::all;
}

Diagnostics convert(const ConvertRequest& request) {
  const Format& format = format_for(request.output, request.to, request.options);
  if (format.needs_sizes) return convert_as_it_runs(request, format);
  if (quantizes(format, request.options)) {
    Model model = read_quantized(request.input, request.bindings);
    check_bindings(request.bindings, {model.used_bindings}, model.diagnostics);
    format.write(model.source, request.output, request.options);
    return std::move(model.diagnostics);
  }
  const bool bound = request.bind || !request.bindings.dims.empty() || !request.bindings.shapes.empty();
  Model model = read_model(request.input, request.bindings);
  if (bound) {
    std::set<std::string> used = model.used_bindings;
    const auto inputs = passes::bind_inputs(model.source, request.bindings, model.diagnostics, &used);
    check_bindings(request.bindings, {used}, model.diagnostics);
    model.source = passes::annotate_types(model.source, ops::infer(model.source, inputs, model.diagnostics));
  }
  if (format.name == "onnx" && model.source.opset("tflite") > 0) {
    model.diagnostics.push_back(
        {Severity::warning, "channels-last",
         "the network keeps TFLite's layout and operators, which ONNX runtimes do not run", request.input});
  }
  format.write(model.source, request.output, request.options);
  return std::move(model.diagnostics);
}

std::vector<FormatRow> list_formats() {
  std::vector<FormatRow> rows;
  for (const Format& format : formats()) {
    std::string directions = format.read != nullptr ? "read" : "";
    if (format.write != nullptr) directions += directions.empty() ? "write" : ", write";
    rows.push_back(
        {std::string(format.name), std::string(format.suffix), directions, std::string(format.what)});
  }
  return rows;
}

std::vector<zoo::Listing> list_zoo() {
  return zoo::list();
}

void build_zoo(const std::string& specification, const std::string& output, const std::string& to,
               const WriteOptions& options) {
  const Format& format = format_for(output, to, options);
  const std::string spec = specification.starts_with("zoo:") ? specification : "zoo:" + specification;
  if (format.needs_sizes) return format.write(load_model(spec, {}, folding(format)).graph, output, options);
  format.write(quantizes(format, options) ? read_quantized(spec, {}).source : read_model(spec).source, output,
               options);
}

}  // namespace foretime::api
