#include "kernels/kind.h"

#include <array>

namespace foretime {
namespace {

constexpr std::array kKinds{
    KindInfo{Kind::none, "none", "other"},
    KindInfo{Kind::conv, "conv", "conv"},
    KindInfo{Kind::depthwise_conv, "depthwise_conv", "depthwise_conv"},
    KindInfo{Kind::conv_transpose, "conv_transpose", "conv_transpose"},
    KindInfo{Kind::gemm, "gemm", "gemm"},
    KindInfo{Kind::matmul, "matmul", "gemm"},
    KindInfo{Kind::max_pool, "max_pool", "pool"},
    KindInfo{Kind::average_pool, "average_pool", "pool"},
    KindInfo{Kind::global_pool, "global_pool", "pool"},
    KindInfo{Kind::concat, "concat", "data_movement"},
    KindInfo{Kind::split, "split", "data_movement"},
    KindInfo{Kind::transpose, "transpose", "data_movement"},
    KindInfo{Kind::reshape, "reshape", "data_movement"},
    KindInfo{Kind::elementwise, "elementwise", "elementwise"},
    KindInfo{Kind::broadcast, "broadcast", "elementwise"},
    KindInfo{Kind::normalization, "normalization", "normalization"},
    KindInfo{Kind::softmax, "softmax", "softmax"},
    KindInfo{Kind::reduce, "reduce", "reduce"},
    KindInfo{Kind::recurrent, "recurrent", "recurrent"},
    KindInfo{Kind::transcendental, "transcendental", "transcendental"},
    KindInfo{Kind::data_movement, "data_movement", "data_movement"},
    KindInfo{Kind::other, "other", "other"},
};

}  // namespace

std::span<const KindInfo> kinds() {
  return kKinds;
}

const KindInfo& info(Kind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

}  // namespace foretime
