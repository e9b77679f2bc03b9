// AlexNet as torchvision has it ("One weird trick", one tower).

#include "zoo/families.h"
#include "zoo/layers.h"

namespace foretime::zoo {
namespace {

Value features(Value x) {
  const Scope scope(*x.net, "features");
  const PoolOptions pool{.kernel = 3, .stride = 2};
  x = relu(conv(x, "0", {.out = 64, .kernel = 11, .stride = 4, .pad = 2, .bias = true}), "1");
  x = max_pool(x, "2", pool);
  x = relu(conv(x, "3", {.out = 192, .kernel = 5, .bias = true}), "4");
  x = max_pool(x, "5", pool);
  x = relu(conv(x, "6", {.out = 384, .kernel = 3, .bias = true}), "7");
  x = relu(conv(x, "8", {.out = 256, .kernel = 3, .bias = true}), "9");
  x = relu(conv(x, "10", {.out = 256, .kernel = 3, .bias = true}), "11");
  return max_pool(x, "12", pool);
}

}  // namespace

Value alexnet(const Value& image, const Request& request) {
  Value x = flatten(adaptive_avg_pool(features(image), "avgpool", 6));
  const Scope scope(*x.net, "classifier");
  x = relu(linear(dropout(x, "0"), "1", 4096), "2");
  x = relu(linear(dropout(x, "3"), "4", 4096), "5");
  return linear(x, "6", request.classes);
}

}  // namespace foretime::zoo
