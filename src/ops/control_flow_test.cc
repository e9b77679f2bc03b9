#include "ops/control_flow.h"

#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

std::string codes(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += (out.empty() ? "" : " ") + diagnostic.code;
  return out;
}

/// An If on `condition`, whose branches take 2 and 5 rows of x.
std::string rows_by(const std::string& condition) {
  return R"(graph {
    input x: float32[8,3]
    input flag: bool[]
    const yes: bool[] = {true}
    const no: bool[1] = {false}
    const zero: int64[1] = {0}
    v = If()" +
         condition + R"() {then_branch = graph {
      capture x  capture zero
      const two: int64[1] = {2}
      a = Slice(x, zero, two)
      output a
    }, else_branch = graph {
      capture x  capture zero
      const five: int64[1] = {5}
      b = Slice(x, zero, five)
      output b
    }}
    output v
  })";
}

TEST(ControlFlow, If) {
  EXPECT_EQ(Inferred(rows_by("yes")).type("v"), "float32[2,3]");
  EXPECT_EQ(Inferred(rows_by("no")).type("v"), "float32[5,3]");
  const Inferred either(rows_by("flag"));
  EXPECT_EQ(either.type("v"), "float32[v/0#0,3]");
  EXPECT_EQ(either.size("v", 0).upper(), 5);
  EXPECT_EQ(codes(either.diagnostics), "data-dependent");
}

// The condition's bounds decide where its value is not known; contents of the branch go on.
TEST(ControlFlow, IfDecidedBySizes) {
  const Inferred found(R"(graph {
    input x: float32[h(1..10),3]
    const at: int64[] = {0}
    const ten: int64[] = {10}
    shape = Shape(x)
    h = Gather(shape, at)
    large = Greater(h, ten)
    v = If(large) {then_branch = graph {
      const one: int64[1] = {1}
      output one
    }, else_branch = graph {
      const two: int64[2] = {6, -1}
      output two
    }}
    output v
  })");
  EXPECT_EQ(found.type("v"), "int64[2]");
  EXPECT_EQ(found.contents("v"), "6 -1");
  EXPECT_TRUE(found.constant("v"));
}

// Squeezing an axis of another size fails: the exporter guards it with a condition that nobody can follow.
TEST(ControlFlow, ABranchThatDoesNotFitCannotRun) {
  const Inferred found(R"(graph {
    input x: float32[8,3]
    input flag: bool[]
    v = If(flag) {then_branch = graph {
      capture x
      const axis: int64[1] = {1}
      a = Squeeze(x, axis)
      output a
    }, else_branch = graph {
      capture x
      b = Relu(x)
      output b
    }}
    output v
  })");
  EXPECT_EQ(found.type("v"), "float32[8,3]");
  EXPECT_EQ(codes(found.diagnostics), "branch-impossible");
}

std::string loop(const std::string& limit, const std::string& body) {
  return R"(graph {
    input x: float32[2,3]
    input trips: int64[]
    const four: int64[] = {4}
    const endless: int64[] = {9223372036854775807}
    go, rows = Loop()" +
         limit + R"(, _, x) {body = graph {
      input i: int64[], cond: bool[], state
      keep = Identity(cond)
      )" +
         body + R"(
      output keep, next, row
    }}
    output go, rows
  })";
}

TEST(ControlFlow, Loop) {
  const std::string same = "next = Relu(state)  row = Add(state, state)";
  const std::string grows = "next = Concat(state, state) {axis = 0}  row = Identity(i)";
  const Inferred counted(loop("four", same));
  EXPECT_EQ(counted.type("go"), "float32[2,3]");
  EXPECT_EQ(counted.type("rows"), "float32[4,2,3]");
  const Inferred running(loop("trips", same));
  EXPECT_EQ(running.type("rows"), "float32[go,2,3]");
  EXPECT_EQ(running.size("rows", 0).upper(), Dim::kUnbounded);
  EXPECT_EQ(Inferred(loop("endless", same)).size("rows", 0).upper(), Dim::kUnbounded);
  const Inferred growing(loop("four", grows));
  EXPECT_FALSE(growing.size("go", 0).is_number());
  EXPECT_EQ(growing.size("go", 0).upper(), Dim::kUnbounded);
  EXPECT_EQ(growing.size("go", 1), Dim(3));
  EXPECT_EQ(growing.type("rows"), "int64[4]");
}

std::string scan(const std::string& attributes) {
  return R"(graph {
    input start: float32[3]
    input x: float32[5,7,3]
    last, all = Scan(start, x) {num_scan_inputs = 1, )" +
         attributes + R"( body = graph {
      input state, row
      next = Add(state, row)
      twice = Add(row, row)
      output next, twice
    }}
    output last, all
  })";
}

TEST(ControlFlow, Scan) {
  const Inferred first(scan(""));
  EXPECT_EQ(first.type("all"), "float32[5,7,3]");
  const Inferred second(scan("scan_input_axes = [1], scan_output_axes = [-1],"));
  EXPECT_EQ(second.type("all"), "float32[5,3,7]");
  EXPECT_EQ(repetitions(first.graph, first.graph.nodes()[0]).count, 5);
  EXPECT_EQ(repetitions(second.graph, second.graph.nodes()[0]).count, 7);
}

TEST(ControlFlow, Repetitions) {
  const auto of = [](const std::string& limit) {
    const Inferred found(loop(limit, "next = Relu(state)  row = Identity(i)"));
    const Repetitions times = repetitions(found.graph, found.graph.nodes()[0]);
    return std::to_string(times.count) + (times.assumed ? " assumed" : "");
  };
  EXPECT_EQ(of("four"), "4");
  EXPECT_EQ(of("trips"), "1 assumed");
  EXPECT_EQ(of("endless"), "1 assumed");
  EXPECT_EQ(of("_"), "1 assumed");
}

TEST(ControlFlow, ErrorsNameWhatDoesNotFit) {
  try {
    Inferred(
        R"(graph { input c: bool[]  v = If(c) {then_branch = graph { const a: int64[] = {1} output a }} output v })");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "node 'v' (If): has 1 bodies (2)");
  }
  try {
    Inferred(loop("four", "next = Relu(state)  row = MatMul(state, state)"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "node 'go' (Loop): node 'row' (MatMul): inner sizes of [2,3] and [2,3] differ");
  }
}

}  // namespace
}  // namespace foretime::ops::testing
