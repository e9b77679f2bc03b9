#pragma once

// The part of ONNX Runtime's C API that is used here. The API is one table of function pointers whose order
// never changes (functions are only added at its end), handed out by `OrtGetApiBase()->GetApi(version)`: a
// function is its place in the table and its signature. Declaring the 40 in use keeps a 150 MB package out of
// the build, whose headers are the only ones the registries have; their places were computed by `offsetof`
// from the headers of version 29, and the tests call each.

#include <cstddef>
#include <cstdint>

namespace foretime::ort {

struct OrtStatus;
struct OrtEnv;
struct OrtSession;
struct OrtSessionOptions;
struct OrtRunOptions;
struct OrtValue;
struct OrtMemoryInfo;
struct OrtAllocator;
struct OrtTensorTypeAndShapeInfo;
struct OrtKeyValuePairs;

struct OrtApi {
  const void* functions[1];  // as many as the version has
};

struct OrtApiBase {
  const OrtApi* (*GetApi)(std::uint32_t version);
  const char* (*GetVersionString)();
};

/// The version that has the last of the functions below, of ONNX Runtime 1.12.
constexpr std::uint32_t kApiVersion = 12;
/// The version that has AllocatorGetStats.
constexpr std::uint32_t kStatsApiVersion = 23;

/// A function by its place.
template <typename Signature, std::size_t kPlace>
struct Function {
  template <typename... Arguments>
  auto operator()(const OrtApi* api, Arguments... arguments) const {
    return reinterpret_cast<Signature*>(const_cast<void*>(api->functions[kPlace]))(arguments...);
  }
};

using Status = OrtStatus*;
using Names = const char* const*;

constexpr Function<const char*(const OrtStatus*), 2> GetErrorMessage;
constexpr Function<Status(int, const char*, OrtEnv**), 3> CreateEnv;
constexpr Function<Status(const OrtEnv*, const char*, const OrtSessionOptions*, OrtSession**), 7>
    CreateSession;
constexpr Function<Status(OrtSession*, const OrtRunOptions*, Names, const OrtValue* const*, std::size_t,
                          Names, std::size_t, OrtValue**),
                   9>
    Run;
constexpr Function<Status(OrtSessionOptions**), 10> CreateSessionOptions;
constexpr Function<Status(OrtSessionOptions*, const char*), 11> SetOptimizedModelFilePath;
constexpr Function<Status(OrtSessionOptions*, const char*), 14> EnableProfiling;
constexpr Function<Status(OrtSessionOptions*), 17> DisableMemPattern;
constexpr Function<Status(OrtSessionOptions*), 19> DisableCpuMemArena;
constexpr Function<Status(OrtSessionOptions*, int), 23> SetSessionGraphOptimizationLevel;
constexpr Function<Status(OrtSessionOptions*, int), 24> SetIntraOpNumThreads;
constexpr Function<Status(OrtSessionOptions*, int), 25> SetInterOpNumThreads;
constexpr Function<Status(const OrtSession*, std::size_t*), 31> SessionGetOutputCount;
constexpr Function<Status(const OrtSession*, std::size_t, OrtAllocator*, char**), 37> SessionGetOutputName;
constexpr Function<
    Status(const OrtMemoryInfo*, void*, std::size_t, const std::int64_t*, std::size_t, int, OrtValue**), 49>
    CreateTensorWithDataAsOrtValue;
constexpr Function<Status(OrtValue*, void**), 51> GetTensorMutableData;
constexpr Function<Status(const OrtTensorTypeAndShapeInfo*, int*), 60> GetTensorElementType;
constexpr Function<Status(const OrtTensorTypeAndShapeInfo*, std::size_t*), 61> GetDimensionsCount;
constexpr Function<Status(const OrtTensorTypeAndShapeInfo*, std::int64_t*, std::size_t), 62> GetDimensions;
constexpr Function<Status(const OrtValue*, OrtTensorTypeAndShapeInfo**), 65> GetTensorTypeAndShape;
constexpr Function<Status(const OrtValue*, int*), 67> GetValueType;
constexpr Function<Status(int, int, OrtMemoryInfo**), 69> CreateCpuMemoryInfo;
constexpr Function<Status(OrtAllocator*, void*), 76> AllocatorFree;
constexpr Function<Status(OrtAllocator**), 78> GetAllocatorWithDefaultOptions;
constexpr Function<void(OrtEnv*), 92> ReleaseEnv;
constexpr Function<void(OrtStatus*), 93> ReleaseStatus;
constexpr Function<void(OrtMemoryInfo*), 94> ReleaseMemoryInfo;
constexpr Function<void(OrtSession*), 95> ReleaseSession;
constexpr Function<void(OrtValue*), 96> ReleaseValue;
constexpr Function<void(OrtTensorTypeAndShapeInfo*), 99> ReleaseTensorTypeAndShapeInfo;
constexpr Function<void(OrtSessionOptions*), 100> ReleaseSessionOptions;
constexpr Function<Status(OrtSession*, OrtAllocator*, char**), 110> SessionEndProfiling;
constexpr Function<Status(char***, int*), 125> GetAvailableProviders;
constexpr Function<Status(char**, int), 126> ReleaseAvailableProviders;
constexpr Function<Status(OrtSessionOptions*, const char*, const char*), 130> AddSessionConfigEntry;
constexpr Function<Status(const OrtSession*, const OrtMemoryInfo*, OrtAllocator**), 131> CreateAllocator;
constexpr Function<void(OrtAllocator*), 132> ReleaseAllocator;
constexpr Function<Status(OrtSessionOptions*, const char*, Names, Names, std::size_t), 216>
    SessionOptionsAppendExecutionProvider;
constexpr Function<void(const OrtKeyValuePairs*, Names*, Names*, std::size_t*), 298> GetKeyValuePairs;
constexpr Function<void(OrtKeyValuePairs*), 300> ReleaseKeyValuePairs;
constexpr Function<Status(const OrtAllocator*, OrtKeyValuePairs**), 319> AllocatorGetStats;

// Values of its enumerations.
constexpr int kLogErrors = 3;
constexpr int kTensorValue = 1;
constexpr int kArenaAllocator = 1;  // the arena if the session has one
constexpr int kDefaultMemory = 0;

}  // namespace foretime::ort
