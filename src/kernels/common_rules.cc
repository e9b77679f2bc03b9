#include "kernels/common_rules.h"

namespace foretime {

std::string_view common_rules() {
  return R"rules(# Spellings of one and the same operation, as exporters write them. Every device's own rules come first, then
# these (docs/fusion-rules.md). The blocks are known by name to the detector.

set any_cut = Relu Clip
set any_scale = Mul Div

# x · relu6(x + 3) / 6: TensorFlow, Keras, older PyTorch exports
block hard_swish = graph { input x const c: float32[] s = Add(x, c) r = any_cut(s) m = Mul(x, r) y = any_scale(m, c) output y }
block hard_swish = graph { input x const c: float32[] s = Add(x, c) r = any_cut(s) m = any_scale(r, c) y = Mul(x, m) output y }
block hard_swish = graph { input x h = HardSigmoid(x) y = Mul(x, h) output y }

# relu6(x + 3) / 6
block hard_sigmoid = graph { input x const c: float32[] s = Add(x, c) r = any_cut(s) y = any_scale(r, c) output y }

# x · sigmoid(x)
block silu = graph { input x s = Sigmoid(x) y = Mul(x, s) output y }

# x · (1 + erf(x / √2)) / 2, in the orders in which exporters multiply
block gelu = graph {
  input x const c: float32[]
  d = any_scale(x, c) e = Erf(d) p = Add(e, c) m = Mul(x, p) y = any_scale(m, c)
  output y
}
block gelu = graph {
  input x const c: float32[]
  d = any_scale(x, c) e = Erf(d) p = Add(e, c) h = any_scale(p, c) y = Mul(x, h)
  output y
}
block gelu = graph {
  input x const c: float32[]
  d = any_scale(x, c) e = Erf(d) p = Add(e, c) h = any_scale(x, c) y = Mul(h, p)
  output y
}
# x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))
block gelu = graph {
  input x const c: float32[]
  q = Pow(x, c) k = Mul(q, c) a = Add(x, k) s = Mul(a, c) t = Tanh(s) p = Add(t, c) h = Mul(x, c) y = Mul(h, p)
  output y
}

# (x − mean) / √(variance + ε), with and without weights
block layer_norm = graph {
  input x const c: float32[]
  m = ReduceMean(x) d = Sub(x, m) q = Pow(d, c) v = ReduceMean(q) e = Add(v, c) r = Sqrt(e) n = Div(d, r)
  g = Mul(n, c) y = Add(g, c)
  output y
}
block layer_norm = graph {
  input x const c: float32[]
  m = ReduceMean(x) d = Sub(x, m) q = Pow(d, c) v = ReduceMean(q) e = Add(v, c) r = Sqrt(e) y = Div(d, r)
  output y
}

# x / √(mean of squares + ε) with weights, as decoders normalise
block layer_norm = graph {
  input x const c: float32[]
  q = Pow(x, c) m = ReduceMean(q) e = Add(m, c) r = Sqrt(e) f = Div(c, r) n = Mul(x, f) y = Mul(c, n)
  output y
}
block layer_norm = graph {
  input x const c: float32[]
  q = Pow(x, c) m = ReduceMean(q) e = Add(m, c) r = Sqrt(e) f = Reciprocal(r) n = Mul(x, f) y = Mul(c, n)
  output y
}

block layer_norm = graph {
  input x const c: float32[]
  q = Pow(x, c) m = ReduceMean(q) e = Add(m, c) r = Sqrt(e) f = Div(c, r) n = Mul(x, f) k = Cast(n) y = Mul(c, k)
  output y
}

# channels in groups, exchanged
block channel_shuffle = graph { input x const c: int64[] a = Reshape(x, c) t = Transpose(a) y = Reshape(t, c) output y }
)rules";
}

RuleSet with_common_rules(std::string_view own, const std::string& origin) {
  return parse_rules(std::string(own) + "\n" + std::string(common_rules()), origin);
}

}  // namespace foretime
