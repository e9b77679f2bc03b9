// Tiny YOLO up to its raw predictions: v2 as in darknet's tiny-yolo-voc.cfg, version 3 as in yolov3-tiny.cfg.
// Modules are named after the position of the layer in that file.

#include <string>

#include "zoo/blocks.h"
#include "zoo/families.h"

namespace foretime::zoo {
namespace {

Value conv_leaky(const Value& x, int layer, std::int64_t out, std::int64_t kernel) {
  const Scope scope(*x.net, "layers." + std::to_string(layer));
  const Value y = batch_norm(conv(x, "conv", {.out = out, .kernel = kernel}), "bn");
  return activation(y, "activation", Activation::leaky_relu);
}

Value predictions(const Value& x, int layer, std::int64_t out) {
  return conv(x, "layers." + std::to_string(layer) + ".conv", {.out = out, .bias = true});
}

Value pool(const Value& x, int layer) {
  return max_pool(x, "layers." + std::to_string(layer), {.kernel = 2, .stride = 2, .same_upper = true});
}

struct Trunk {
  Value fine;    // stride 16, 256 channels
  Value coarse;  // stride 32, 512 channels
};

/// Both begin alike: a convolution and a pooling in turn. The last pooling keeps the size.
Trunk trunk(const Value& image) {
  Trunk out;
  Value x = image;
  std::int64_t channels = 16;
  int layer = 0;
  for (; channels <= 256; channels *= 2) {
    x = out.fine = conv_leaky(x, layer++, channels, 3);
    x = pool(x, layer++);
  }
  x = conv_leaky(x, layer++, channels, 3);
  out.coarse = max_pool(x, "layers." + std::to_string(layer), {.kernel = 2, .stride = 1, .same_upper = true});
  return out;
}

/// Five anchors with four coordinates, one confidence and the classes.
void finish_v2(Network& net, const Trunk& trunk, std::int64_t classes) {
  const Value x = conv_leaky(conv_leaky(trunk.coarse, 12, 1024, 3), 13, 1024, 3);
  net.output(predictions(x, 14, 5 * (5 + classes)));
}

/// Three anchors at each of two sizes.
void finish_v3(Network& net, const Trunk& trunk, std::int64_t classes) {
  const Value x = conv_leaky(conv_leaky(trunk.coarse, 12, 1024, 3), 13, 256, 1);
  net.output(predictions(conv_leaky(x, 14, 512, 3), 15, 3 * (5 + classes)));
  const Value enlarged = upsample(conv_leaky(x, 18, 128, 1), 2);
  const Value both = concat({enlarged, trunk.fine}, 1);
  net.output(predictions(conv_leaky(both, 21, 256, 3), 22, 3 * (5 + classes)));
}

}  // namespace

void tiny_yolo(Network& net, const Request& request) {
  constexpr std::int64_t kStride = 32;
  if (request.resolution % kStride != 0) {
    net.fail("a resolution of " + std::to_string(request.resolution) + " is not possible", "multiples of 32");
  }
  const Value image = net.input("input", {request.batch, 3, request.resolution, request.resolution});
  if (request.version == "3") {
    finish_v3(net, trunk(image), request.classes);
  } else {
    finish_v2(net, trunk(image), request.classes);
  }
}

}  // namespace foretime::zoo
