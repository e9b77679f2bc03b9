#include "zoo/timm_blocks.h"

namespace foretime::zoo {

Value timm_norm_act(const Value& x, std::string_view name, Activation which, TimmStyle style) {
  const Value y = batch_norm(x, name, style.tensorflow ? 1e-3f : 1e-5f, "BatchNormAct2d");
  if (which == Activation::none) return y;
  const Scope scope(*x.net, name);
  return activation(y, "act", which);
}

Value timm_conv(const Value& x, std::string_view name, ConvOptions options, TimmStyle style) {
  if (style.tensorflow && options.stride > 1) {
    options.same_upper = true;
    options.leaf_class = "Conv2dSame";
  }
  return conv(x, name, options);
}

Value timm_depthwise(const Value& x, std::string_view name, std::int64_t kernel, std::int64_t stride,
                     TimmStyle style) {
  const std::int64_t channels = x.channels();
  return timm_conv(x, name, {.out = channels, .kernel = kernel, .stride = stride, .groups = channels}, style);
}

Value timm_classifier(const Value& x, std::int64_t classes) {
  Value y = x;
  {
    const Scope scope(*x.net, "global_pool");
    y = flatten(adaptive_avg_pool(x, "pool", 1), "flatten");
  }
  return linear(y, "classifier", classes);
}

}  // namespace foretime::zoo
