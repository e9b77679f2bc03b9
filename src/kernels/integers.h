#pragma once

#include "kernels/units.h"

namespace foretime {

/// Makes a unit of every layer that runs on integers (rule `integer`) with the DequantizeLinear in front of
/// it and the QuantizeLinear behind it, a Relu or Clip before that included. A DequantizeLinear that several
/// such layers read, and nothing else, costs nothing: each of them does its work. Before any other block.
void match_integers(Units& units);

}  // namespace foretime
