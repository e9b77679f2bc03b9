#include "passes/bind_inputs.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "graph/graph_text.h"

namespace foretime::passes {
namespace {

struct Row {
  std::string inputs;  // declarations
  Bindings bindings;
  std::string expected;  // types, then names of `batch-assumed` in brackets; or the error
  std::string used = {};
};

template <typename T>
void append(std::string& text, const T& word) {
  if (!text.empty()) text += ' ';
  text += word;
}

std::string outcome(const Row& row, std::string* used) {
  std::string text = "graph { " + row.inputs + " const c: int64[1] = {1} output c }";
  const Graph graph = parse_text(text, "test");
  Diagnostics diagnostics;
  std::set<std::string> fitted;
  std::string out;
  try {
    for (const TensorType& type : bind_inputs(graph, row.bindings, diagnostics, &fitted))
      append(out, to_string(type));
  } catch (const Error& error) {
    return error.what();
  }
  for (const Diagnostic& diagnostic : diagnostics) {
    append(out, "[" + diagnostic.where + "]");
    EXPECT_EQ(diagnostic.code, "batch-assumed");
    EXPECT_EQ(diagnostic.message, "'" + diagnostic.where + "' is taken as 1; bind it with --dim or --shape");
  }
  for (const std::string& name : fitted) append(*used, name);
  return out;
}

// "?" is what importers call a size with neither number nor name.
TEST(BindInputs, Rules) {
  const std::vector<Row> rows = {
      // Nothing to bind.
      {"input x: float32[1,3]", {}, "float32[1,3]"},
      {"input x: float32[]", {}, "float32[]"},
      {"input x: float32[0,3]", {}, "float32[0,3]"},
      {"", {}, ""},
      // The batch is 1 unless bound.
      {"input x: float32[batch,3]", {}, "float32[1,3] [batch]"},
      {"input x: float32[N,3]", {}, "float32[1,3] [N]"},
      {"input x: float32[n,3]", {}, "float32[1,3] [n]"},
      {"input x: float32[2,my_Batch_size]", {}, "float32[2,1] [my_Batch_size]"},
      {"input x: float32[batch,3]", {{{"batch", 8}}, {}}, "float32[8,3]", "batch"},
      {"input x: float32[batch,3]", {{}, {{"x", {8, 3}}}}, "float32[8,3]", "x"},
      {"input x: float32[batch(2..64),3]", {}, "float32[1,3] [batch]"},
      {"input x: float32[batch] input y: float32[batch]", {}, "float32[1] float32[1] [batch]"},
      // So is an unnamed first size that all inputs have, scalars aside.
      {R"(input x: float32["?",3])", {}, "float32[1,3] [the first size of all inputs]"},
      {R"(input x: float32["?",3] input y: int64["?"] input z: float32[])",
       {},
       "float32[1,3] int64[1] float32[] [the first size of all inputs]"},
      {R"(input x: float32["?",3] input y: int64[5])", {}, R"(needs sizes: --shape x=[?,3])"},
      {R"(input x: float32["?",3] input y: int64[batch])", {}, R"(needs sizes: --shape x=[?,3])"},
      {R"(input x: float32["?","?"])", {}, R"(needs sizes: --shape x=[?,?])"},
      {R"(input x: float32["?","?"])", {{}, {{"x", {4, 5}}}}, "float32[4,5]", "x"},
      // Other names must be bound; the error says all that is needed at once.
      {"input x: float32[batch,seq] input y: float32[width,seq]",
       {},
       "needs sizes: --dim seq=N --dim width=N"},
      {"input x: float32[batch,seq]", {{{"seq", 7}}, {}}, "float32[1,7] [batch]", "seq"},
      {"input x: float32[nn]", {}, "needs sizes: --dim nn=N"},
      {R"(input x: float32[h,"?"] input y: float32[?])",
       {},
       "needs sizes: --dim h=N --shape x=[h,?] --shape y=…"},
      {"input x: float32[?]", {{}, {{"x", {4, 5}}}}, "float32[4,5]", "x"},
      {"input x", {{}, {{"x", {4}}}}, "undefined[4]", "x"},
      {"input s: seq(float32[?])", {}, "seq(float32[?])"},
      // A shape binds names elsewhere, wherever the input stands.
      {"input x: float32[a,b] input y: float32[b,a]",
       {{}, {{"y", {2, 3}}}},
       "float32[3,2] float32[2,3]",
       "y"},
      {"input x: float32[batch,3] input y: float32[batch]",
       {{}, {{"x", {4, 3}}}},
       "float32[4,3] float32[4]",
       "x"},
      {"input x: float32[a,a]", {{}, {{"x", {2, 3}}}}, "--shape x: makes 'a' 3 (elsewhere it is 2)"},
      {"input x: float32[a]", {{{"a", 2}}, {{"x", {3}}}}, "--shape x: makes 'a' 3 (elsewhere it is 2)"},
      {"input x: float32[a]", {{{"a", 3}}, {{"x", {3}}}}, "float32[3]", "a x"},
      {"input x: float32[a,4]", {{}, {{"x", {3}}}}, "--shape x: has 1 sizes (the input is [a,4])"},
      {"input x: float32[a,4]",
       {{}, {{"x", {3, 5}}}},
       "--shape x: changes size 1 from 4 to 5 (only sizes without a number can be bound; the input is "
       "[3,4])"},
      // What fits nothing is not used.
      {"input x: float32[2]", {{{"a", 3}}, {{"y", {3}}}}, "float32[2]", ""},
  };
  for (const Row& row : rows) {
    std::string used;
    EXPECT_EQ(outcome(row, &used), row.expected) << row.inputs;
    if (!row.used.empty()) {
      EXPECT_EQ(used, row.used) << row.inputs;
    }
  }
}

}  // namespace
}  // namespace foretime::passes
