// NVIDIA's management library, which comes with the driver; its C functions are declared here as far as they
// are used (their names and meanings: NVML API reference).

#include <dlfcn.h>

#include <array>
#include <memory>

#include "base/error.h"
#include "measure/energy/families.h"

namespace foretime {
namespace {

// Cards renew power and energy every 20 to 100 ms.
constexpr Milliseconds kRefresh{100};
constexpr unsigned kNameSize = 96;

/// The library, started; ended with the last sensor.
class Nvml {
 public:
  using Device = void*;

  /// Error: it cannot be loaded or started.
  explicit Nvml(const std::string& path)
      : path_(path), handle_(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw Error(path, "cannot be loaded (NVIDIA's driver brings it)");
    function<int()>("nvmlInit_v2", init_);
    function<int()>("nvmlShutdown", shutdown_);
    function<const char*(int)>("nvmlErrorString", error_string_);
    function<int(unsigned*)>("nvmlDeviceGetCount_v2", count_);
    function<int(unsigned, Device*)>("nvmlDeviceGetHandleByIndex_v2", by_index_);
    function<int(Device, char*, unsigned)>("nvmlDeviceGetName", name_);
    function<int(Device, unsigned long long*)>("nvmlDeviceGetTotalEnergyConsumption", energy_);
    function<int(Device, unsigned*)>("nvmlDeviceGetPowerUsage", power_);
    check(init_());
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;
  ~Nvml() { shutdown_(); }  // the library stays loaded: it leaves exit handlers behind

  unsigned count() const {
    unsigned number = 0;
    check(count_(&number));
    return number;
  }
  Device device(unsigned index) const {
    Device device = nullptr;
    check(by_index_(index, &device));
    return device;
  }
  std::string name(Device device) const {
    std::array<char, kNameSize> text{};
    check(name_(device, text.data(), kNameSize - 1));
    return text.data();
  }
  /// Cards before Volta cannot.
  bool counts_energy(Device device) const {
    unsigned long long ignored = 0;
    return energy_(device, &ignored) == 0;
  }
  double joules(Device device) const {
    unsigned long long millijoules = 0;
    check(energy_(device, &millijoules));
    return static_cast<double>(millijoules) / 1e3;
  }
  double watts(Device device) const {
    unsigned milliwatts = 0;
    check(power_(device, &milliwatts));
    return milliwatts / 1e3;
  }

 private:
  template <typename Signature>
  void function(const char* name, Signature*& place) {
    place = reinterpret_cast<Signature*>(::dlsym(handle_, name));
    if (place == nullptr) throw Error(path_, std::string("the library has no function ") + name);
  }
  void check(int result) const {
    if (result != 0) throw Error(path_, std::string("says: ") + error_string_(result));
  }

  std::string path_;
  void* handle_;
  int (*init_)() = nullptr;
  int (*shutdown_)() = nullptr;
  const char* (*error_string_)(int) = nullptr;
  int (*count_)(unsigned*) = nullptr;
  int (*by_index_)(unsigned, Device*) = nullptr;
  int (*name_)(Device, char*, unsigned) = nullptr;
  int (*energy_)(Device, unsigned long long*) = nullptr;
  int (*power_)(Device, unsigned*) = nullptr;
};

EnergySensor sensor_of(const std::shared_ptr<Nvml>& nvml, unsigned index) {
  const Nvml::Device device = nvml->device(index);
  EnergySensor sensor;
  sensor.name = "nvml:" + std::to_string(index);
  sensor.what = nvml->name(device) + ", the whole card (NVML)";
  sensor.counts = nvml->counts_energy(device);
  sensor.refresh = kRefresh;
  if (sensor.counts) {
    sensor.read = [nvml, device] { return nvml->joules(device); };
  } else {
    sensor.read = [nvml, device] { return nvml->watts(device); };
    (void)sensor.read();  // a card that tells neither is an Error now
  }
  return sensor;
}

}  // namespace

void find_nvml(const SensorPlaces& places, SensorSearch& search) {
  try {
    const auto nvml = std::make_shared<Nvml>(places.nvml);
    const unsigned count = nvml->count();
    if (count == 0) throw Error(places.nvml, "knows no card");
    for (unsigned i = 0; i < count; ++i) search.found.push_back(sensor_of(nvml, i));
  } catch (const Error& error) {
    search.missing.push_back(std::string("NVML: ") + error.what());
  }
}

}  // namespace foretime
