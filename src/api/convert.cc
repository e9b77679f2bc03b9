#include "api/convert.h"

#include "api/zoo.h"
#include "ops/infer.h"
#include "passes/annotate_types.h"

namespace foretime::api {

Diagnostics convert(const ConvertRequest& request) {
  const Format& format = output_format(request.output, request.to);
  const bool bound = request.bind || !request.bindings.dims.empty() || !request.bindings.shapes.empty();
  Model model = read_model(request.input);
  if (bound) {
    std::set<std::string> used;
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
  format.write(zoo::build(specification), output, options);
}

}  // namespace foretime::api
