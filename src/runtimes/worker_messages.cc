#include "runtimes/worker_messages.h"

#include <cstring>

#include "base/mapped_file.h"
#include "base/packed.h"

namespace foretime::messages {
namespace {

template <typename T>
std::string packed(const std::vector<T>& values) {
  Packer packer;
  for (const T value : values) packer.add(value);
  return packer.base64();
}

template <typename T>
std::vector<T> unpacked(const Json& json, const char* key, std::size_t count) {
  Unpacker unpacker(json.at(key).get_ref<const std::string&>(), key);
  std::vector<T> values(count);
  for (T& value : values) value = unpacker.take<T>();
  unpacker.finish();
  return values;
}

std::vector<double> times_of(const std::vector<BeatTimes>& beats, double BeatTimes::*which) {
  std::vector<double> times;
  for (const BeatTimes& beat : beats) times.push_back(beat.*which);
  return times;
}

Json to_json(const BeatTimes& beat) {
  return {beat.core_us, beat.memory_us, beat.message_us};
}

BeatTimes beat_of(const Json& json) {
  return {json.at(0), json.at(1), json.at(2)};
}

}  // namespace

Json to_json(const WorkerRequest& request) {
  Json inputs = Json::array();
  for (const InputPlan& plan : request.inputs) {
    inputs.push_back({{"name", plan.name},
                      {"dtype", static_cast<int>(plan.dtype)},
                      {"sizes", plan.sizes},
                      {"fill", static_cast<int>(plan.fill)},
                      {"seed", plan.seed},
                      {"path", plan.path}});
  }
  return {{"runtime", request.runtime},
          {"model", request.model},
          {"inputs", inputs},
          {"threads", request.threads},
          {"provider", request.provider},
          {"precision", request.precision},
          {"options", request.options},
          {"library", request.library},
          {"processors", request.processors},
          {"fastest_beat", to_json(request.fastest_beat)}};
}

WorkerRequest request_of(const Json& json) {
  WorkerRequest request;
  request.runtime = json.at("runtime");
  request.model = json.at("model");
  for (const Json& input : json.at("inputs")) {
    request.inputs.push_back({input.at("name"), static_cast<DataType>(input.at("dtype").get<int>()),
                              input.at("sizes"), static_cast<Fill>(input.at("fill").get<int>()),
                              input.at("seed"), input.at("path")});
  }
  request.threads = json.at("threads");
  request.provider = json.at("provider");
  request.precision = json.at("precision");
  request.options = json.at("options").get<std::map<std::string, std::string>>();
  request.library = json.at("library");
  request.processors = json.at("processors").get<std::vector<int>>();
  request.fastest_beat = beat_of(json.at("fastest_beat"));
  return request;
}

Json to_json(const RuntimeDescription& d) {
  return {{"name", d.name},           {"version", d.version}, {"provider", d.provider},
          {"precision", d.precision}, {"library", d.library}, {"threads", d.threads}};
}

RuntimeDescription description_of(const Json& json) {
  return {json.at("name"),      json.at("version"), json.at("provider"),
          json.at("precision"), json.at("library"), json.at("threads")};
}

Json to_json(const BlockPlan& plan) {
  return {{"ms", plan.time.value},        {"at_least", plan.at_least},       {"at_most", plan.at_most},
          {"threads", plan.threads},      {"patience", plan.patience.value}, {"probe", plan.probe},
          {"self_timed", plan.self_timed}};
}

BlockPlan plan_of(const Json& json) {
  BlockPlan plan;
  plan.time = {json.at("ms")};
  plan.at_least = json.at("at_least");
  plan.at_most = json.at("at_most");
  plan.threads = json.at("threads");
  plan.patience = {json.at("patience")};
  plan.probe = json.at("probe");
  plan.self_timed = json.at("self_timed");
  return plan;
}

Json to_json(const SampleBlock& block) {
  const ProcessCounters& c = block.counters;
  return {{"samples", block.ms.size()},
          {"ms", packed(block.ms)},
          {"disturbed", packed(block.disturbed)},
          {"core_us", packed(times_of(block.beats, &BeatTimes::core_us))},
          {"memory_us", packed(times_of(block.beats, &BeatTimes::memory_us))},
          {"beats", block.beats.size()},
          {"fastest", to_json(block.fastest)},
          {"begin_ms", block.begin_ms},
          {"wall_ms", block.wall_ms},
          {"counters", {c.cpu_ms, c.waited_ms, c.involuntary, c.voluntary, c.minor_faults, c.major_faults}}};
}

SampleBlock block_of(const Json& json) {
  SampleBlock block;
  const std::size_t samples = json.at("samples");
  block.ms = unpacked<double>(json, "ms", samples);
  block.disturbed = unpacked<std::uint8_t>(json, "disturbed", samples);
  const std::vector<double> core = unpacked<double>(json, "core_us", json.at("beats"));
  const std::vector<double> memory = unpacked<double>(json, "memory_us", json.at("beats"));
  block.fastest = beat_of(json.at("fastest"));
  for (std::size_t i = 0; i < core.size(); ++i)
    block.beats.push_back({core[i], memory[i], block.fastest.message_us});
  block.begin_ms = json.at("begin_ms");
  block.wall_ms = json.at("wall_ms");
  const Json& c = json.at("counters");
  block.counters = {c.at(0), c.at(1), c.at(2), c.at(3), c.at(4), c.at(5)};
  return block;
}

Json to_json(const WarmUp& warm_up) {
  return {{"iterations", warm_up.iterations},
          {"stable", warm_up.stable},
          {"first", warm_up.first.value},
          {"time", warm_up.time.value}};
}

WarmUp warm_up_of(const Json& json) {
  return {json.at("iterations"), json.at("stable"), {json.at("first")}, {json.at("time")}};
}

Json to_json(const KernelProfile& profile) {
  Json kernels = Json::array();
  for (const ExecutedKernel& kernel : profile.kernels) {
    kernels.push_back({{"kind", kernel.kind},
                       {"name", kernel.name},
                       {"members", kernel.members},
                       {"ms", kernel.latency.value},
                       {"floor", kernel.floor.value}});
  }
  return {{"kernels", std::move(kernels)},
          {"run", profile.run.value},
          {"plain", profile.plain.value},
          {"runs", profile.runs}};
}

KernelProfile profile_of(const Json& json) {
  KernelProfile profile;
  for (const Json& kernel : json.at("kernels")) {
    profile.kernels.push_back({kernel.at("kind"),
                               kernel.at("name"),
                               kernel.at("members").get<std::vector<std::string>>(),
                               {kernel.at("ms")},
                               {kernel.at("floor")}});
  }
  profile.run = {json.at("run")};
  profile.plain = {json.at("plain")};
  profile.runs = json.at("runs");
  return profile;
}

Json to_json(const WorkerMemory& memory) {
  const Json arena = memory.arena ? Json(memory.arena->value) : Json();
  return {{"peak", memory.peak.value}, {"above_load", memory.above_load.value}, {"arena", arena}};
}

WorkerMemory memory_of(const Json& json) {
  WorkerMemory memory{{json.at("peak")}, {json.at("above_load")}, {}};
  if (!json.at("arena").is_null()) memory.arena = Bytes{json.at("arena")};
  return memory;
}

Json to_json(const std::vector<TensorValue>& values, const std::string& folder) {
  Json list = Json::array();
  for (const TensorValue& value : values) {
    const std::string path = folder + "/" + std::to_string(list.size());
    write_file(path, {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
    list.push_back({{"name", value.name},
                    {"dtype", static_cast<int>(value.dtype)},
                    {"sizes", value.sizes},
                    {"path", path}});
  }
  return list;
}

std::vector<TensorValue> values_of(const Json& json) {
  std::vector<TensorValue> values;
  for (const Json& value : json) {
    const auto file = MappedFile::open(value.at("path"));
    values.push_back({value.at("name"), static_cast<DataType>(value.at("dtype").get<int>()),
                      value.at("sizes"), std::vector<std::byte>(file->bytes().begin(), file->bytes().end())});
  }
  return values;
}

}  // namespace foretime::messages
