#include "api/brief_measurement.h"

#include <gtest/gtest.h>

namespace foretime::api {
namespace {

TEST(CalmBeats, KnowNothingOfASlowdownAtFirst) {
  const CalmBeats calm;
  EXPECT_EQ(calm.slowdown({3.5, 0}).core, 1);
}

TEST(CalmBeats, AreThoseOfTheCalmestQuarter) {
  CalmBeats calm;
  for (int i = 0; i < 3; ++i) calm.add({2.5, 0});  // luck
  for (int i = 0; i < 12; ++i) calm.add({3, 0});
  for (int i = 0; i < 25; ++i) calm.add({3.6, 0});
  calm.add({0, 0});  // nobody watched
  EXPECT_NEAR(calm.slowdown({3.6, 0}).core, 1.2, 1e-9);
  EXPECT_EQ(calm.slowdown({2.9, 0}).core, 1);
}

TEST(CalmBeats, RememberWhatWasKnownBefore) {
  CalmBeats calm;
  calm.know({3, 0});
  for (int i = 0; i < 20; ++i) calm.add({3.6, 0});
  EXPECT_NEAR(calm.slowdown({3.6, 0}).core, 1.2, 1e-9);
}

TEST(CalmBeats, SayNothingOfWhatWasNotWatched) {
  CalmBeats calm;
  calm.add({3, 0});
  EXPECT_EQ(calm.slowdown({0, 0}).core, 1);
}

}  // namespace
}  // namespace foretime::api
