#include "api/convert.h"

#include "api/zoo.h"
#include "ops/infer.h"
#include "passes/annotate_types.h"

namespace foretime::api {

namespace {

Diagnostics convert_as_it_runs(const ConvertRequest& request, const Format& format) {
  Model model = load_model(request.input, request.bindings);
  check_bindings(request.bindings, {model.used_bindings}, model.diagnostics);
  format.write(model.graph, request.output, request.options);
  return std::move(model.diagnostics);
}

}  // namespace

Diagnostics convert(const ConvertRequest& request) {
  const Format& format = output_format(request.output, request.to);
  if (format.needs_sizes) return convert_as_it_runs(request, format);
  const bool bound = request.bind || !request.bindings.dims.empty() || !request.bindings.shapes.empty();
  Model model = read_model(request.input, request.bindings);
  if (bound) {
    std::set<std::string> used = model.used_bindings;
    const auto inputs = passes::bind_inputs(model.source, request.bindings, model.diagnostics, &used);
    check_bindings(request.bindings, {used}, model.diagnostics);
    model.source = passes::annotate_types(model.source, ops::infer(model.source, inputs, model.diagnostics));
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
  const Format& format = output_format(output, to);
  const std::string spec = specification.starts_with("zoo:") ? specification : "zoo:" + specification;
  const Graph graph = format.needs_sizes ? load_model(spec, {}).graph : zoo::build(specification);
  format.write(graph, output, options);
}

}  // namespace foretime::api
