#pragma once

// The two sides of the conversation with foretime-worker: each message to JSON and back.

#include "base/json.h"
#include "measure/block.h"
#include "runtimes/worker.h"

namespace foretime::messages {

Json to_json(const WorkerRequest& request);
WorkerRequest request_of(const Json& json);

Json to_json(const RuntimeDescription& description);
RuntimeDescription description_of(const Json& json);

Json to_json(const BlockPlan& plan);
BlockPlan plan_of(const Json& json);

Json to_json(const SampleBlock& block);
SampleBlock block_of(const Json& json);

Json to_json(const WarmUp& warm_up);
WarmUp warm_up_of(const Json& json);

Json to_json(const KernelProfile& profile);
KernelProfile profile_of(const Json& json);

Json to_json(const WorkerMemory& memory);
WorkerMemory memory_of(const Json& json);

/// The values themselves go through files in `folder`: they may be large.
Json to_json(const std::vector<TensorValue>& values, const std::string& folder);
std::vector<TensorValue> values_of(const Json& json);

}  // namespace foretime::messages
