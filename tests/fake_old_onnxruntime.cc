// A library that says it is ONNX Runtime of long ago, for tests.

namespace {

struct Base {
  const void* (*get_api)(unsigned version);
  const char* (*version)();
};

constexpr Base kBase = {[](unsigned) -> const void* { return nullptr; }, [] { return "1.5.0"; }};

}  // namespace

extern "C" const void* OrtGetApiBase() {
  return &kBase;
}
