// Two cards as NVML shows them, for tests: one counts energy, 40 W all the time by its own account, one tells
// power only.

#include <cstring>

namespace {
unsigned long long millijoules = 1'000'000;
int cards[2];
}  // namespace

extern "C" {

int nvmlInit_v2() {
  return 0;
}
int nvmlShutdown() {
  return 0;
}
const char* nvmlErrorString(int code) {
  return code == 3 ? "Not Supported" : "Unknown Error";
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 2;
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  *device = &cards[index];
  return 0;
}
int nvmlDeviceGetName(void* device, char* name, unsigned size) {
  std::strncpy(name, device == &cards[0] ? "Counting Card" : "Old Card", size);
  return 0;
}
int nvmlDeviceGetTotalEnergyConsumption(void* device, unsigned long long* energy) {
  if (device != &cards[0]) return 3;
  *energy = millijoules += 400;  // as if 10 ms passed between readings
  return 0;
}
int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts) {
  *milliwatts = device == &cards[0] ? 40'000 : 25'500;
  return 0;
}
}
