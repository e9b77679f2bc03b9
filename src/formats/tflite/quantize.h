#pragma once

#include "formats/tflite/outgoing.h"

namespace foretime::tflite {

/// Makes a model of 32-bit floats compute in 8-bit integers, as far as TFLite's operators can: what they
/// cannot stays in floats between DEQUANTIZE and QUANTIZE. Inputs and outputs become int8, too.
///
/// The parameters are made up: nobody measured how far activations reach, so all of them get the same scale,
/// and results mean nothing. Speed does not depend on them. Weights get the scale of their largest value, for
/// each output channel of a convolution, biases the product of the two scales. Error: constants are written
/// without values.
OutModel quantized(OutModel model);

}  // namespace foretime::tflite
