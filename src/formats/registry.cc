#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/suggest.h"
#include "formats/annette/graph_reader.h"
#include "formats/annette/graph_writer.h"
#include "formats/annette/raw_graph.h"
#include "formats/dot/dot.h"
#include "formats/format.h"
#include "formats/ir_json/ir_json.h"
#include "formats/mmdnn/model.h"
#include "formats/ncnn/ncnn_reader.h"
#include "formats/ncnn/param_file.h"
#include "formats/nnmeter/graph_reader.h"
#include "formats/nnmeter/graph_writer.h"
#include "formats/nnmeter/nni_ir.h"
#include "formats/onnx/onnx_reader.h"
#include "formats/onnx/onnx_writer.h"
#include "formats/tflite/tflite_reader.h"
#include "formats/tflite/tflite_writer.h"
#include "graph/graph_text.h"

namespace foretime {
namespace {

/// The first word of a graph in text form, after comments and blanks.
bool looks_like_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t word = bytes.find_first_not_of(" \t\r\n");
    if (word == std::string_view::npos) return false;
    bytes.remove_prefix(word);
    if (bytes[0] != '#') break;
    bytes.remove_prefix(std::min(bytes.find('\n'), bytes.size()));
  }
  constexpr std::string_view kWord = "graph";
  return bytes.starts_with(kWord) && bytes.size() > kWord.size() &&
         std::string_view(" \t\r\n{\"#").find(bytes[kWord.size()]) != std::string_view::npos;
}

Graph read_text(const std::shared_ptr<const MappedFile>& file, Diagnostics&) {
  return parse_text(file->text(), file->path());
}

Graph read_ir_json(const std::shared_ptr<const MappedFile>& file, Diagnostics&) {
  return parse_ir_json(file->text(), file->path());
}

Graph read_nnmeter(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics) {
  const nnmeter::RawGraph raw = nnmeter::parse_raw_graph(file->text(), file->path(), diagnostics);
  return nnmeter::to_graph(raw, file->path(), diagnostics);
}

Graph read_nni(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics) {
  const nnmeter::RawGraph raw = nnmeter::parse_nni_ir(file->text(), file->path(), diagnostics);
  return nnmeter::to_graph(raw, file->path(), diagnostics);
}

Graph read_annette_template(const std::shared_ptr<const MappedFile>& file,
                            const std::map<std::string, std::int64_t>& numbers, std::set<std::string>& used,
                            Diagnostics& diagnostics) {
  annette::RawGraph raw = annette::parse_raw_graph(file->text(), file->path());
  raw = annette::with_columns(std::move(raw), numbers, used);
  return annette::to_graph(raw, file->path(), diagnostics);
}

Graph read_annette(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics) {
  std::set<std::string> ignored;
  return read_annette_template(file, {}, ignored, diagnostics);
}

bool is_mmdnn(std::string_view bytes) {
  return mmdnn::is_json(bytes) || mmdnn::is_protobuf(bytes);
}

Graph read_mmdnn(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics) {
  const annette::RawGraph raw = mmdnn::read_raw_graph(file->text(), file->path(), diagnostics);
  return annette::to_graph(raw, file->path(), diagnostics);
}

void write_text(const Graph& graph, const std::string& path, const WriteOptions&) {
  write_file(path, to_text(graph));
}
void write_json(const Graph& graph, const std::string& path, const WriteOptions&) {
  write_file(path, to_ir_json(graph));
}
void write_dot(const Graph& graph, const std::string& path, const WriteOptions&) {
  write_file(path, to_dot(graph));
}

void write_nnmeter(const Graph& graph, const std::string& path, const WriteOptions&) {
  write_file(path, nnmeter::to_json(nnmeter::from_graph(graph)));
}

void write_annette(const Graph& graph, const std::string& path, const WriteOptions&) {
  write_file(path, annette::to_json(annette::from_graph(graph)));
}

void write_onnx(const Graph& graph, const std::string& path, const WriteOptions& options) {
  onnx::WriteOptions onnx;
  onnx.weights = options.weights;
  onnx.seed = options.seed;
  onnx::write_onnx(graph, path, onnx);
}

void write_tflite(const Graph& graph, const std::string& path, const WriteOptions& options) {
  tflite::write_tflite(graph, path, {options.weights, options.seed, options.precision == "int8"});
}

/// Every model format there is; the first that a file looks like reads it.
constexpr Format kFormats[] = {
    {"text", ".graph", "the readable form of a graph; big weights are left out", looks_like_text, read_text,
     write_text},
    {"ir-json", ".json", "the JSON form of a graph (docs/ir-json.md)", is_ir_json, read_ir_json, write_json},
    {"onnx", ".onnx", "ONNX, opset 7 and newer", onnx::looks_like_onnx, onnx::read_onnx, write_onnx},
    {.name = "tflite",
     .suffix = ".tflite",
     .what = "TensorFlow Lite (LiteRT), version 3 (docs/tflite.md)",
     .matches = tflite::looks_like_tflite,
     .read = tflite::read_tflite,
     .write = write_tflite,
     .needs_sizes = true,
     .needs_values = true},
    {.name = "nnmeter-ir",
     .suffix = ".json",
     .what = "the graphs of nn-Meter (docs/nn-meter.md)",
     .matches = nnmeter::is_raw_graph,
     .read = read_nnmeter,
     .write = write_nnmeter,
     .needs_sizes = true},
    {"nni-ir", ".json", "the graphs of NNI, as nn-Meter reads them", nnmeter::is_nni_ir, read_nni, nullptr},
    {.name = "annette",
     .suffix = ".json",
     .what = "the graphs of ANNETTE (docs/annette.md)",
     .matches = annette::is_raw_graph,
     .read = read_annette,
     .write = write_annette,
     .read_template = read_annette_template,
     .needs_sizes = true},
    {"mmdnn", ".pb", "the intermediate form of MMdnn, binary or JSON", is_mmdnn, read_mmdnn, nullptr},
    {"ncnn", ".param", "ncnn's networks, without their weights (docs/ncnn.md)", ncnn::is_param_file, ncnn::read_param,
     nullptr},
    {"dot", ".dot", "a drawing for Graphviz", nullptr, nullptr, write_dot},
};

std::vector<std::string> names(bool readable) {
  std::vector<std::string> out;
  for (const Format& format : kFormats) {
    if (readable ? format.read != nullptr : format.write != nullptr) out.emplace_back(format.name);
  }
  return out;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::span<const Format> formats() {
  return kFormats;
}

const Format& detect_format(const MappedFile& file) {
  if (file.bytes().empty()) throw Error(file.path(), "the file is empty", "a model was expected");
  for (const Format& format : kFormats) {
    if (format.matches != nullptr && format.matches(file.text())) return format;
  }
  throw Error(file.path(), "is no model that can be read", listed(names(true)));
}

const Format& output_format(const std::string& path, std::string_view to) {
  const auto found = std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& format) {
    return to.empty() ? path.ends_with(format.suffix) : format.name == to;
  });
  if (found == std::end(kFormats)) {
    if (to.empty()) throw Error(path, "its suffix names no format", "--to " + listed(names(false)));
    throw Error("--to " + std::string(to), "is no format", suggestion(to, names(false)));
  }
  if (found->write == nullptr) {
    throw Error(path, "the format " + std::string(found->name) + " is only read", listed(names(false)));
  }
  return *found;
}

}  // namespace foretime
