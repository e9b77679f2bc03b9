#include "cli/commands.h"

#include <algorithm>
#include <array>

#include "cli/verbs.h"

namespace foretime::cli {
namespace {

using Words = std::string_view;

constexpr Words kInspectFlags[] = {"--dim",    "--shape",   "--rules", "--no-alias", "--kernels",
                                   "--device", "--columns", "--sort",  "--top",      "--format",
                                   "--output", "--color",   "--quiet", "--stats"};
constexpr Words kPredictFlags[] = {
    "--device",  "--dim",  "--shape", "--kernels", "--compat", "--mapping", "--layers", "--original",
    "--columns", "--sort", "--top",   "--format",  "--output", "--color",   "--quiet",  "--stats"};
constexpr Words kConvertFlags[] = {"--to",    "--weights", "--precision", "--seed",  "--dim",
                                   "--shape", "--format",  "--output",    "--quiet", "--stats"};
constexpr Words kFitFlags[] = {"--device",  "--name",        "--like",    "--fusion-rules", "--kind",
                               "--physics", "--profile-out", "--columns", "--sort",         "--top",
                               "--format",  "--output",      "--color",   "--quiet"};
constexpr Words kCalibrateFlags[] = {"--runtime",   "--threads",      "--provider",     "--runtime-option",
                                     "--library",   "--command",      "--name",         "--budget",
                                     "--black-box", "--continue",     "--probe-fusion", "--precision",
                                     "--sampling",  "--fusion-rules", "--profile-out",  "--cpus",
                                     "--no-pin",    "--timeout",      "--db",           "--columns",
                                     "--sort",      "--top",          "--format",       "--output",
                                     "--color",     "--quiet"};
constexpr Words kAdaptFlags[] = {"--device",  "--name",         "--profile-out", "--choose", "--like",
                                 "--physics", "--fusion-rules", "--columns",     "--sort",   "--top",
                                 "--format",  "--output",       "--color",       "--quiet"};
constexpr Words kEvaluateFlags[] = {"--device",  "--column", "--rows",         "--protocol", "--seed",
                                    "--from",    "--like",   "--fusion-rules", "--kind",     "--physics",
                                    "--columns", "--sort",   "--top",          "--format",   "--output",
                                    "--color",   "--quiet"};
constexpr Words kMeasureFlags[] = {
    "--runtime",  "--threads",       "--provider",      "--precision",     "--runtime-option", "--library",
    "--command",  "--kernels",       "--trace",         "--budget",        "--target",         "--launches",
    "--sessions", "--cooldown",      "--timeout",       "--cpus",          "--no-pin",         "--input",
    "--inputs",   "--weights",       "--seed",          "--dim",           "--shape",          "--db",
    "--columns",  "--sort",          "--check-against", "--top",           "--format",         "--output",
    "--energy",   "--energy-sensor", "--energy-trace",  "--energy-window", "--energy-runs",    "--sustained",
    "--color",    "--quiet"};
constexpr Words kCompareFlags[] = {
    "--runtime",     "--threads",   "--provider",   "--runtime-option",   "--library",
    "--runtime-b",   "--threads-b", "--provider-b", "--runtime-option-b", "--library-b",
    "--same-within", "--duet",      "--budget",     "--timeout",          "--cpus",
    "--no-pin",      "--input",     "--inputs",     "--weights",          "--seed",
    "--dim",         "--shape",     "--format",     "--output",           "--color",
    "--quiet"};
constexpr Words kStoredFlags[] = {"--db",     "--columns", "--sort",  "--top",
                                  "--format", "--output",  "--color", "--quiet"};
constexpr Words kPruneFlags[] = {"--older-than", "--db", "--format", "--output", "--quiet"};
constexpr Words kStoredExportFlags[] = {"--db", "--format", "--output", "--color", "--quiet"};
constexpr Words kStoredImportFlags[] = {"--model", "--device", "--db",     "--columns", "--sort",
                                        "--top",   "--format", "--output", "--color",   "--quiet"};
constexpr Words kListFlags[] = {"--columns", "--sort", "--top", "--format", "--output", "--color"};
constexpr Words kShowFlags[] = {"--format", "--output", "--color"};
constexpr Words kExportFlags[] = {"--format", "--output", "--color", "--quiet"};
constexpr Words kBuildFlags[] = {"--output", "--to",     "--weights", "--precision",
                                 "--seed",   "--format", "--quiet"};
constexpr Words kSweepFlags[] = {"--output", "--to", "--weights", "--seed", "--format"};
constexpr Words kImportFlags[] = {"--mapping", "--name", "--profile-out", "--format", "--output", "--quiet"};

constexpr Words kInspectExamples[] = {
    "foretime inspect zoo:mobilenet_v2",
    "foretime inspect model.onnx --sort -macs --top 10",
    "foretime inspect model.onnx --dim batch=8 --format json",
    "foretime inspect model.onnx --rules nn-meter:cortexA76cpu_tflite21",
    "foretime inspect models/ --format csv --output costs.csv",
};
constexpr Words kPredictExamples[] = {
    "foretime predict zoo:resnet50",
    "foretime predict model.onnx --device ncs2 --kernels",
    "foretime predict zoo:mobilenet_v2 zoo:mobilenet_v3_large --device ncs2 --device zcu102-dnndk",
    "foretime predict models/ --format html --output latency.html",
    "foretime predict net.json --compat annette --mapping ov --layers ncs2-roofline",
};
constexpr Words kConvertExamples[] = {
    "foretime convert zoo:mobilenet_v2 mobilenet_v2.onnx --weights random",
    "foretime convert model.onnx small.onnx --weights none",
    "foretime convert model.onnx model.graph --weights none",
    "foretime convert model.onnx model_ir.json --to nnmeter-ir",
    "foretime convert model.pb model.json --to annette",
};
constexpr Words kFitExamples[] = {
    "foretime fit measured.csv --device my-board --name my-board",
    "foretime fit networks/ --device cortexA76cpu_tflite21 --profile-out a76.json",
    "foretime fit measured.csv --device my-board --name my-board-mixed --kind mixed",
};
constexpr Words kCalibrateExamples[] = {
    "foretime calibrate --name my-laptop --budget 10m",
    "foretime calibrate --runtime tflite --threads 2 --name my-laptop-tflite --black-box",
    "foretime calibrate --name my-laptop --threads 1,2 --budget 20m --format html --output my-laptop.html",
    "foretime calibrate --name my-laptop --budget 10m --continue",
    "foretime calibrate --runtime onnxruntime --probe-fusion",
    "foretime calibrate --command 'ssh board benchmark {model}' --runtime-option pattern='avg=([0-9.]+)' "
    "--name board",
};
constexpr Words kAdaptExamples[] = {
    "foretime adapt adreno640gpu_tflite21 measured.csv --device my-phone-gpu",
    "foretime adapt adreno640gpu_tflite21 cortexA76cpu_tflite21 measured.csv --device my-board --profile-out "
    "p.json",
    "foretime adapt adreno640gpu_tflite21 models/ --choose 10",
    "foretime adapt networks.jsonl --choose 30 --physics cpu",
};
constexpr Words kEvaluateExamples[] = {
    "foretime evaluate measured.csv --device my-board",
    "foretime evaluate networks/ --device cortexA76cpu_tflite21 --rows --format csv --output rows.csv",
    "foretime evaluate networks/ --device cortexA76cpu_tflite21 --protocol families",
    "foretime evaluate networks/ --device adreno640gpu_tflite21 --protocol devices --from "
    "adreno630gpu_tflite21",
};
constexpr Words kDatasetExportExamples[] = {
    "foretime dataset export networks/ networks.npz",
    "foretime dataset export measured.csv graphs.jsonl --format json",
};
constexpr Words kMeasureExamples[] = {
    "foretime measure zoo:mobilenet_v2",
    "foretime measure model.onnx --threads 2 --budget 1m",
    "foretime measure model.onnx --kernels --sort -latency_ms --top 10",
    "foretime measure model.onnx --runtime-option optimization=basic --runtime-option arena=off",
    "foretime measure model.onnx --energy",
    "foretime measure model.onnx --energy-trace capture.pt4 --energy-window 2.5:8 --energy-runs 500",
    "foretime measure model.onnx --sustained 10m --format html --output sustained.html",
    "foretime measure models/ --format csv --output measured.csv",
};
constexpr Words kCompareExamples[] = {
    "foretime compare old.onnx new.onnx",
    "foretime compare zoo:resnet18 zoo:resnet18 --threads-b 2",
    "foretime compare old.onnx new.onnx --duet",
    "foretime compare model.onnx model.onnx --runtime-option-b optimization=none --budget 2m",
};
constexpr Words kStoredListExamples[] = {
    "foretime measurements list",
    "foretime measurements list --sort -median_ms --top 10",
};
constexpr Words kStoredShowExamples[] = {
    "foretime measurements show 12",
    "foretime measurements show 12 --format json --output recording.json",
};
constexpr Words kStoredImportExamples[] = {
    "foretime measurements import benchncnn.txt --device my-phone",
    "foretime measurements import times.json profile.json --model resnet50.onnx --device my-board",
};
constexpr Words kStoredExportExamples[] = {
    "foretime measurements export measured.jsonl",
    "foretime measurements export measured.csv --db lab.db",
};
constexpr Words kPruneExamples[] = {
    "foretime measurements prune --older-than 90d",
};
constexpr Words kZooListExamples[] = {
    "foretime zoo list",
    "foretime zoo list --columns name,input,description",
};
constexpr Words kZooBuildExamples[] = {
    "foretime zoo build mobilenet_v2 mobilenet_v2.onnx",
    "foretime zoo build 'resnet50?batch=8&resolution=320' resnet50.onnx --weights zero",
    "foretime zoo build mobilenet_v3_large@0.9 v3.graph --weights none",
};
constexpr Words kZooSweepExamples[] = {
    "foretime zoo sweep convolutions.yaml --output convolutions",
    "foretime zoo sweep convolutions.yaml --output convolutions --weights zero --format json",
};
constexpr Words kZooFusionExamples[] = {
    "foretime zoo fusion convolutions/measurements.jsonl",
    "foretime zoo fusion convolutions/measurements.jsonl --format json",
};
constexpr Words kDevicesListExamples[] = {
    "foretime devices list",
    "foretime devices list --format json",
};
constexpr Words kDevicesShowExamples[] = {
    "foretime devices show ncs2",
    "foretime devices show host",
    "foretime devices show ncs2 --format json",
};
constexpr Words kDevicesImportExamples[] = {
    "foretime devices import my-phone.json",
    "foretime devices import my-phone.json --format json",
    "foretime devices import ncs2-ref_roofline.json --mapping ov --name my-stick",
};
constexpr Words kCompletionExamples[] = {
    "foretime completion bash > ~/.local/share/bash-completion/completions/foretime",
    "foretime completion zsh > ~/.zsh/completions/_foretime",
    "foretime completion fish > ~/.config/fish/completions/foretime.fish",
};

constexpr Words kModelHelp =
    "MODEL is a file (its format is found by content), a folder (every model in it), or zoo:NAME. A size "
    "that the\n"
    "model leaves open is bound with --dim or --shape; a batch is 1 unless bound.";

const Command kCommands[] = {
    {"inspect", "MODEL...", 1, kAnyNumber, Values::model, "cost of every layer, totals, peak memory",
     kModelHelp, kInspectFlags, kInspectExamples, run_inspect},
    {"predict", "MODEL...", 1, kAnyNumber, Values::model, "latency on one, several or all devices",
     kModelHelp, kPredictFlags, kPredictExamples, run_predict},
    {"measure", "MODEL...", 1, kAnyNumber, Values::model, "real timing on this machine", kModelHelp,
     kMeasureFlags, kMeasureExamples, run_measure},
    {"compare", "A B", 2, 2, Values::model, "is B faster than A, and how sure",
     "A and B take turns on the same processors. FASTER: B is, by more than --same-within, and that is sure.",
     kCompareFlags, kCompareExamples, run_compare},
    {"convert", "IN OUT", 2, 2, Values::model, "a model into another format",
     "OUT is written whole or not at all. IN may be zoo:NAME.", kConvertFlags, kConvertExamples, run_convert},
    {"calibrate", "", 0, 0, Values::none, "a profile of a device by measuring it",
     "Random networks are measured for as long as --budget says (default 10m), and a predictor is learnt "
     "from them;\n"
     "the networks you will ask about are not among them. A run that was interrupted goes on where it was.",
     kCalibrateFlags, kCalibrateExamples, run_calibrate},
    {"fit", "DATASET...", 1, kAnyNumber, Values::file, "a device's predictor from measured networks",
     "DATASET is a table of measured networks (docs/data-sets.md), or a folder of them; --device names the "
     "device in "
     "it.\nThe profile goes into the user's folder unless --profile-out says otherwise.",
     kFitFlags, kFitExamples, run_fit},
    {"adapt", "PROFILE... DATASET", 1, kAnyNumber, Values::device,
     "a new device's predictor from few networks and other devices",
     "Each PROFILE is a device that was fitted on networks; DATASET holds as few as one network measured on\n"
     "the new one. Models moved from the profiles, their mixture and fits from scratch are tried; the one\n"
     "that best predicts networks it did not see becomes the profile.\n"
     "With --choose the last operand is a pool to choose from, a folder of models or a DATASET, and PROFILE "
     "may be\n"
     "left out; --device then names the device whose networks in DATASET are measured already.",
     kAdaptFlags, kAdaptExamples, run_adapt},
    {"evaluate", "DATASET...", 1, kAnyNumber, Values::file, "predicted against measured",
     "With --protocol no profile is scored, but fitting itself: on networks kept apart (networks), on "
     "families kept\n"
     "apart (families), from few networks (few), from few networks and other devices' profiles (devices).\n"
     "--device then names the device in the data.",
     kEvaluateFlags, kEvaluateExamples, run_evaluate},
    {"dataset export", "DATASET OUT", 2, 2, Values::file, "measured networks as graphs to learn from",
     "OUT is a file of NumPy arrays (.npz) or JSON Lines (.jsonl): nodes, edges, latencies, train and test "
     "part "
     "(docs/data-sets.md).",
     kExportFlags, kDatasetExportExamples, run_dataset_export},
    {"zoo list", "", 0, 0, Values::none, "the built-in networks", "", kListFlags, kZooListExamples,
     run_zoo_list},
    {"zoo build", "NAME [OUT]", 1, 2, Values::network, "a built-in network into a file",
     "NAME may carry a version and options: NAME@VERSION?option=value. Weights are random unless --weights "
     "says\n"
     "otherwise.",
     kBuildFlags, kZooBuildExamples, run_zoo_build},
    {"zoo sweep", "SPEC", 1, 1, Values::file, "small networks to measure a device with",
     "SPEC says in YAML which layers at which sizes (docs/sweeps.md). The folder --output gets the networks "
     "as ONNX and\n"
     "measurements.jsonl, which fit reads once its times are filled in.",
     kSweepFlags, kZooSweepExamples, run_zoo_sweep},
    {"zoo fusion", "TABLE", 1, 1, Values::file, "which layers a device runs as one kernel",
     "TABLE is the measurements.jsonl of a sweep with pairs, its times filled in.", kListFlags,
     kZooFusionExamples, run_zoo_fusion},
    {"devices list", "", 0, 0, Values::none, "the devices there are predictors for", "", kListFlags,
     kDevicesListExamples, run_devices_list},
    {"devices show", "ID", 1, 1, Values::device, "everything known about one device",
     "The device 'host' is this machine; it is probed (about a second) unless it was before.", kShowFlags,
     kDevicesShowExamples, run_devices_show},
    {"devices import", "FILE...", 1, kAnyNumber, Values::file, "check profiles and keep them for later",
     "They are kept in $FORETIME_HOME/devices, or ~/.local/share/foretime/devices. FILE may be a layer model "
     "of ANNETTE,\n"
     "whose estimators were exported (docs/annette.md); --mapping gives its fusion rules.",
     kImportFlags, kDevicesImportExamples, run_devices_import},
    {"measurements list", "", 0, 0, Values::none, "what was measured here",
     "They are kept in $FORETIME_HOME/measurements.db, or ~/.local/share/foretime, unless --db says "
     "otherwise.",
     kStoredFlags, kStoredListExamples, run_measurements_list},
    {"measurements show", "ID", 1, 1, Values::anything, "one of them, with its samples", "", kStoredFlags,
     kStoredShowExamples, run_measurements_show},
    {"measurements import", "FILE...", 1, kAnyNumber, Values::file, "keep what another tool measured",
     "FILE is a report of one of the tools in docs/measuring.md; its content decides which. Samples and "
     "kernels "
     "are kept\nwhere it has them.",
     kStoredImportFlags, kStoredImportExamples, run_measurements_import},
    {"measurements export", "OUT", 1, 1, Values::file, "as a table to fit and evaluate with",
     "OUT is JSON Lines (.jsonl) or CSV (.csv), as docs/data-sets.md describes it.", kStoredExportFlags,
     kStoredExportExamples, run_measurements_export},
    {"measurements prune", "", 0, 0, Values::none, "forget old ones", "", kPruneFlags, kPruneExamples,
     run_measurements_prune},
    {"completion",
     "SHELL",
     1,
     1,
     Values::shell,
     "the completion script for bash, zsh or fish",
     "",
     {},
     kCompletionExamples,
     run_completion},
};

std::string_view first_word(std::string_view name) {
  return name.substr(0, name.find(' '));
}

std::string_view second_word(std::string_view name) {
  const std::size_t space = name.find(' ');
  return space == std::string_view::npos ? std::string_view{} : name.substr(space + 1);
}

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command* take_command(std::span<const std::string>& words) {
  for (const Command& command : kCommands) {
    const std::size_t length = second_word(command.name).empty() ? 1 : 2;
    if (words.size() < length || words[0] != first_word(command.name)) continue;
    if (length == 2 && words[1] != second_word(command.name)) continue;
    words = words.subspan(length);
    return &command;
  }
  return nullptr;
}

std::vector<std::string> verbs() {
  std::vector<std::string> names;
  for (const Command& command : kCommands) {
    const std::string name(first_word(command.name));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::vector<std::string> verbs_of(std::string_view group) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) {
    const std::string_view second = second_word(command.name);
    if (first_word(command.name) == group && !second.empty()) names.emplace_back(second);
  }
  return names;
}

}  // namespace foretime::cli
