#include "report/json_parts.h"

#include "base/version.h"
#include "report/foreign_kernels.h"

namespace foretime::report {
namespace {

void write_shape(JsonWriter& json, const std::optional<Shape>& shape) {
  json.key("shape");
  if (!shape) return json.value(nullptr);
  json.begin_array();
  for (const Dim& dim : *shape) {
    if (dim.is_number()) {
      json.value(dim.number());
    } else {
      json.value(dim.name());
    }
  }
  json.end_array();
}

void write_kernel(JsonWriter& json, const api::KernelRow& kernel) {
  json.begin_object();
  json.field("kind", kernel.kind);
  json.field("name", kernel.name);
  json.array("members", kernel.members);
  json.field("latency_ms", kernel.latency);
  json.key("source");
  if (kernel.source.empty()) {
    json.value(nullptr);
  } else {
    json.value(kernel.source);
  }
  json.key("config");
  json.begin_object();
  for (const auto& [name, number] : kernel.config) json.field(name, number);
  write_config(json, kernel.foreign);
  json.end_object();
  json.end_object();
}

}  // namespace

JsonWriter begin_document(std::string_view verb) {
  JsonWriter json;
  json.begin_object();
  json.field("schema", "foretime." + std::string(verb) + "/1");
  json.field("tool_version", version());
  return json;
}

void write_tensors(JsonWriter& json, std::string_view key, const std::vector<api::TensorInfo>& tensors) {
  json.array(key, tensors, [&](const api::TensorInfo& tensor) {
    json.begin_object();
    json.field("name", tensor.name);
    json.field("dtype", name_of(tensor.type.dtype));
    write_shape(json, tensor.type.shape);
    json.end_object();
  });
}

void write_kernels(JsonWriter& json, const std::vector<api::KernelRow>& kernels) {
  json.array("kernels", kernels, [&](const api::KernelRow& kernel) { write_kernel(json, kernel); });
}

void write_diagnostics(JsonWriter& json, const Diagnostics& diagnostics) {
  json.array("diagnostics", diagnostics, [&](const Diagnostic& diagnostic) {
    json.begin_object();
    json.field("severity", diagnostic.severity == Severity::warning ? "warning" : "info");
    json.field("code", diagnostic.code);
    json.field("message", diagnostic.message);
    json.field("where", diagnostic.where);
    json.end_object();
  });
}

void write_failures(JsonWriter& json, const std::vector<api::Failure>& failures) {
  json.array("failures", failures, [&](const api::Failure& failure) {
    json.begin_object();
    json.field("model", failure.model);
    json.field("error", failure.error);
    json.end_object();
  });
}

}  // namespace foretime::report
