#pragma once

// Which processor this is. Measurements of different processors must not be mixed, so each carries a
// signature; it is made only of what stays the same from boot to boot (not of frequencies, nor of flags that
// a new kernel adds).

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace foretime {

struct CpuDescription {
  std::string model;  // in words; "unknown CPU" where the system does not say
  std::string parts;  // vendor, family, model and stepping as numbers; the words are often vague ("AMD EPYC")
  int cores = 1;      // logical ones this machine shows
  std::vector<std::string> instruction_sets;  // those that matter to arithmetic, sorted
  std::size_t last_cache_bytes = 0;           // 0: not known

  bool operator==(const CpuDescription&) const = default;
};

/// Reads the text of /proc/cpuinfo (x86 or ARM); the cache is not in it.
CpuDescription parse_cpuinfo(std::string_view text);

/// The processor we run on. What cannot be read is left at its default.
CpuDescription describe_cpu();

/// "AMD EPYC/2/9f86d081884c7d65": model, cores, hash of all the rest.
std::string cpu_signature(const CpuDescription& cpu);

}  // namespace foretime
