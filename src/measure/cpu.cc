#include "measure/cpu.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <thread>
#include <utility>

#include "base/hash.h"

namespace foretime {
namespace {

// Flags come and go with kernels and microcode; these name instructions that arithmetic uses.
constexpr std::array<std::string_view, 15> kArithmetic{"3dnow", "sse",  "pni",  "ssse3", "avx",
                                                       "fma",   "f16c", "amx",  "neon",  "asimd",
                                                       "sve",   "sme",  "i8mm", "bf16",  "vfp"};

// Of these lines the first of each kind, and for ARM each different one, tell processors apart.
constexpr std::array<std::string_view, 9> kParts{"vendor_id", "cpu family",      "model",
                                                 "stepping",  "CPU implementer", "CPU variant",
                                                 "CPU part",  "CPU revision",    "CPU architecture"};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_arithmetic(std::string_view flag) {
  return std::any_of(kArithmetic.begin(), kArithmetic.end(),
                     [flag](std::string_view start) { return flag.starts_with(start); });
}

/// What has been gathered so far, with each set of values once.
struct Gathered {
  std::set<std::string, std::less<>> sets;
  std::set<std::string, std::less<>> parts;
  int processors = 0;
  std::string model;
};

void gather_flags(std::string_view value, Gathered& all) {
  std::istringstream words{std::string(value)};
  for (std::string flag; words >> flag;) {
    if (is_arithmetic(flag)) all.sets.insert(flag);
  }
}

void gather(std::string_view key, std::string_view value, Gathered& all) {
  if (key == "processor") ++all.processors;
  if ((key == "model name" || key == "Model" || key == "Hardware") && all.model.empty()) all.model = value;
  if (key == "flags" || key == "Features") gather_flags(value, all);
  if (is_one_of(key, kParts)) all.parts.insert(std::string(key) + "=" + std::string(value));
}

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return std::move(text).str();
}

/// "32768K" or "32M" as the kernel writes cache sizes; 0 if it is anything else.
std::size_t size_of(const std::string& text) {
  std::istringstream stream(text);
  std::size_t number = 0;
  char unit = ' ';
  if (!(stream >> number)) return 0;
  stream >> unit;
  constexpr std::size_t kKilo = 1024;
  return unit == 'K' ? number * kKilo : unit == 'M' ? number * kKilo * kKilo : number;
}

std::size_t largest_cache() {
  constexpr int kLevels = 8;  // far more than any processor lists
  std::size_t largest = 0;
  for (int i = 0; i < kLevels; ++i) {
    const std::string path = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/size";
    largest = std::max(largest, size_of(content_of(path)));
  }
  return largest;
}

std::string joined(const std::set<std::string, std::less<>>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

CpuDescription parse_cpuinfo(std::string_view text) {
  Gathered all;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    gather(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)), all);
  }
  CpuDescription cpu;
  cpu.model = all.model.empty() ? "unknown CPU" : all.model;
  cpu.parts = joined(all.parts);
  cpu.cores = std::max(all.processors, 1);
  cpu.instruction_sets.assign(all.sets.begin(), all.sets.end());
  return cpu;
}

CpuDescription describe_cpu() {
  CpuDescription cpu = parse_cpuinfo(content_of("/proc/cpuinfo"));
  cpu.cores = std::max(cpu.cores, static_cast<int>(std::thread::hardware_concurrency()));
  cpu.last_cache_bytes = largest_cache();
  return cpu;
}

std::string cpu_signature(const CpuDescription& cpu) {
  std::string rest = cpu.parts + ", " + std::to_string(cpu.last_cache_bytes);
  for (const std::string& set : cpu.instruction_sets) rest += ", " + set;
  return cpu.model + "/" + std::to_string(cpu.cores) + "/" + hex(hash_of(rest));
}

}  // namespace foretime
