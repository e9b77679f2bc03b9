#pragma once

#include <span>

#include "kernels/features.h"

namespace foretime::myriad {

/// What only a model of the Myriad X splits on: how the engine cuts a kernel into tiles, what runs beside it,
/// and its neighbours, which decide what stays in on-chip memory.
std::span<const Feature> features();

}  // namespace foretime::myriad
