#include "base/subprocess.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "base/error.h"
#include "base/stopwatch.h"

namespace foretime {
namespace {

constexpr Milliseconds kLong{20'000};

TEST(Subprocess, SpeaksInLines) {
  Subprocess cat({"cat"});
  const std::string big(1 << 20, 'x');  // more than any buffer between the two
  std::string got;
  for (const std::string& line : {std::string("one"), std::string(), std::string("two")}) {
    ASSERT_TRUE(cat.write_line(line));
    EXPECT_EQ(cat.read_line(kLong).value_or("nothing"), line);
  }
  EXPECT_EQ(cat.finish(kLong), "");
}

TEST(Subprocess, TellsHowItEnded) {
  Subprocess failing({"sh", "-c", "echo why >&2; exit 3"});
  EXPECT_FALSE(failing.read_line(kLong));
  EXPECT_FALSE(failing.timed_out());
  EXPECT_EQ(failing.finish(kLong), "exit code 3");
  EXPECT_EQ(failing.last_words(), "why");
  Subprocess killed({"sh", "-c", "kill -SEGV $$"});
  EXPECT_EQ(killed.finish(kLong), "signal 11 (Segmentation fault)");
}

TEST(Subprocess, GivesUpOnOneThatHangs) {
  Subprocess hanging({"sh", "-c", "sleep 1000 & wait"});
  const Stopwatch watch;
  EXPECT_FALSE(hanging.read_line({50}));
  EXPECT_TRUE(hanging.timed_out());
  EXPECT_EQ(hanging.finish({50}), "no answer");
  EXPECT_LT(watch.elapsed().value, 10'000);
}

TEST(Subprocess, WritingToADeadOneIsNoSignal) {
  Subprocess dead({"true"});
  EXPECT_FALSE(dead.read_line(kLong));
  while (dead.write_line("hello")) {
  }
  EXPECT_EQ(dead.finish(kLong), "");
}

TEST(Subprocess, RefusesWhatIsNoProgram) {
  try {
    Subprocess none({"/no/such/program"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "/no/such/program: cannot be started: No such file or directory");
  }
}

}  // namespace
}  // namespace foretime
