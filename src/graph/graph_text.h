#pragma once

// The readable text form of a Graph: for people, golden tests and fusion patterns.
//
//   graph resnet18 {                                      # the name may be left out
//     opset "" 17                                         # operator set of a domain
//     metadata producer_name "pytorch"
//     input x: float32[batch(1..64),3,224,224]            # a named size, here with bounds
//     const w: float32[64,3,7,7] = omitted                # big weights are not carried
//     const b: int64[2] = {1, -1}
//     conv1: y: float32[batch,64,112,112] = Conv(x, w, _) {strides = [2, 2], auto_pad = "VALID"}
//     p, _ = MaxPool(y) from MAX_POOL_2D in model.stem    # operator in the source file, module there
//     z = com.microsoft::FusedGemm(p, w) {alpha = 1.0, mask = int64[2] {0, 1}}
//     v = If(z) {then_branch = graph { capture p  q = Relu(p)  output q }}
//     output v
//   }
//
// Grammar; white space and "#" comments stand anywhere between tokens, line ends mean nothing:
//
//   graph     = "graph" [name] "{" statement* "}"
//   statement = "opset" name integer | "metadata" name name
//             | "input" typed ("," typed)* | "output" name ("," name)*
//             | "capture" typed ["=" name]                 (only in a body; the name outside, if it is
//             another) | "const" typed ["=" values] | [name ":"] results "=" [name "::"] name "(" [operand
//             ("," operand)*] ")"
//               ["{" [attribute ("," attribute)*] "}"] ["from" name] ["in" name]
//   results   = "()" | result ("," result)*                (a node without outputs needs a name)
//   result    = "_" | typed                                ("_": an optional output left out)
//   operand   = "_" | name
//   typed     = name [":" type]                            (no type: nothing is known of it)
//   type      = dtype shape | "seq" "(" dtype shape ")"    (dtype "undefined": not known)
//   shape     = "[" "?" "]" | "[" [size ("," size)*] "]"   ("?": not even the rank is known)
//   size      = integer | name ["(" integer ".." [integer] ")"]
//   values    = "{" [number ("," number)*] "}" | "omitted" | "derived"
//   attribute = name "=" (number | string | list | "floats" list | "strings" list | type values | graph)
//   list      = "[" [item ("," item)*] "]"                 (of one kind; [] alone is a list of integers)
//   name      = word | string
//
// A word is [A-Za-z_/][A-Za-z0-9_./-]*; every other name is a quoted string with the escapes \n \t \r \"
// \\ and \xHH. A float has a dot, an exponent, or is inf, -inf or nan; a list with one float in it is a list
// of floats. The words of a statement are no keywords: a tensor may be named `output`. Nodes may stand in any
// order. A node without a name takes that of its first output. Graphs nest at most 64 deep.

#include <string>
#include <string_view>

#include "graph/graph.h"

namespace foretime {

/// The whole graph, but the values of constants with more than 64 elements, those of types that
/// graph/literals.h cannot write, and tensors that nothing reads or makes. Parsing the text and printing it
/// again gives the same text.
std::string to_text(const Graph& graph);

/// Error, with where = "origin:line:column" (both from 1, the column in bytes): the text is no graph.
/// Takes time and memory linear in the text, whatever it says.
Graph parse_text(std::string_view text, std::string origin);

}  // namespace foretime
