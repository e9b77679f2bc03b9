// RAPL over powercap: /sys/class/powercap/intel-rapl:0 (a package), intel-rapl:0:2 (a part of it), each with
// `name`, `energy_uj` and `max_energy_range_uj`. AMD's processors use the same names. The same package over
// another bus (intel-rapl-mmio) is not looked at: it would count twice.

#include <algorithm>
#include <cmath>
#include <memory>

#include "measure/energy/families.h"
#include "measure/energy/sysfs.h"

namespace foretime {
namespace {

// The hardware counts anew every millisecond.
constexpr Milliseconds kRefresh{1};

/// A counter that begins again at 0 when it has reached its range.
class Counter {
 public:
  explicit Counter(const std::string& folder)
      : file_(folder + "/energy_uj"), range_(sysfs::number(folder + "/max_energy_range_uj").value_or(0)) {}

  /// Joules since the first call.
  double read() {
    const double now = sysfs::number_or_error(file_);
    if (last_ >= 0) joules_ += (now >= last_ ? now - last_ : now + range_ - last_) / 1e6;
    last_ = now;
    return joules_;
  }

 private:
  std::string file_;
  double range_;  // µJ
  double last_ = -1;
  double joules_ = 0;
};

EnergySensor sensor_of(std::string name, std::string what, const std::vector<std::string>& folders) {
  std::vector<std::shared_ptr<Counter>> counters;
  for (const std::string& folder : folders) counters.push_back(std::make_shared<Counter>(folder));
  return {std::move(name), std::move(what), true, kRefresh, {}, [counters] {
            double sum = 0;
            for (const auto& counter : counters) sum += counter->read();
            return sum;
          }};
}

/// One domain and where it lies.
struct Domain {
  std::string name;  // "package-0", "dram", "psys", …
  std::string folder;
};

}  // namespace

void find_rapl(const SensorPlaces& places, SensorSearch& search) {
  const std::string powercap = places.root + "/sys/class/powercap";
  std::vector<Domain> domains;
  std::string forbidden;
  for (const std::string& entry : sysfs::entries(powercap)) {
    if (!entry.starts_with("intel-rapl:")) continue;
    const std::string folder = powercap + "/" + entry;
    const auto name = sysfs::word(folder + "/name");
    if (!name) continue;
    if (sysfs::forbidden(folder + "/energy_uj")) {
      forbidden = folder + "/energy_uj";
    } else if (sysfs::number(folder + "/energy_uj")) {
      domains.push_back({*name, folder});
    }
  }
  if (domains.empty()) {
    search.missing.push_back(!forbidden.empty() ? "RAPL: no permission to read " + forbidden +
                                                      " (until the next start: sudo chmod a+r " + powercap +
                                                      "/intel-rapl:*/energy_uj)"
                                                : "RAPL: nothing in " + powercap +
                                                      " (a processor of Intel since 2011 or AMD since 2017, "
                                                      "not in a virtual machine; sudo modprobe "
                                                      "intel_rapl_msr)");
    return;
  }
  std::vector<std::string> whole;
  for (const Domain& domain : domains) {
    if (domain.name.starts_with("package") || domain.name == "dram") whole.push_back(domain.folder);
  }
  if (!whole.empty()) {
    search.found.push_back(sensor_of("rapl", "processor packages and their memory (RAPL)", whole));
  }
  for (const Domain& domain : domains) {
    // Parts of several packages have the same names.
    const bool twice = std::count_if(domains.begin(), domains.end(),
                                     [&](const Domain& other) { return other.name == domain.name; }) > 1;
    const std::string id = domain.folder.substr(domain.folder.rfind("intel-rapl:") + 11);
    search.found.push_back(sensor_of("rapl:" + domain.name + (twice ? "@" + id : ""),
                                     "RAPL domain " + domain.name, {domain.folder}));
  }
}

}  // namespace foretime
