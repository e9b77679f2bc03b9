#include "api/brief_measurement.h"

#include <gtest/gtest.h>

namespace foretime::api {
namespace {

TEST(CalmBeats, KnowNothingOfASlowdownAtFirst) {
  const CalmBeats calm;
  EXPECT_EQ(slowdown({3.5, 0}, calm.times()).core, 1);
}

TEST(CalmBeats, AreThoseOfTheCalmestQuarter) {
  CalmBeats calm;
  for (int i = 0; i < 3; ++i) calm.add({2.5, 0});  // luck
  for (int i = 0; i < 12; ++i) calm.add({3, 0});
  for (int i = 0; i < 25; ++i) calm.add({3.6, 0});
  calm.add({0, 0});  // nobody watched
  EXPECT_NEAR(slowdown({3.6, 0}, calm.times()).core, 1.2, 1e-9);
  EXPECT_EQ(slowdown({2.9, 0}, calm.times()).core, 1);
}

TEST(CalmBeats, RememberWhatWasKnownBefore) {
  CalmBeats calm;
  calm.know({3, 0});
  for (int i = 0; i < 20; ++i) calm.add({3.6, 0});
  EXPECT_NEAR(slowdown({3.6, 0}, calm.times()).core, 1.2, 1e-9);
}

TEST(CalmBeats, SayNothingOfWhatWasNotWatched) {
  CalmBeats calm;
  calm.add({3, 0});
  EXPECT_EQ(slowdown({0, 0}, calm.times()).core, 1);
}

TEST(CalmBeats, TellProcessorsThatAreDisplaced) {
  CalmBeats calm;
  EXPECT_FALSE(is_displaced({3, 0, 0.15}, calm.times()));
  for (int i = 0; i < 6; ++i) calm.add({3, 0, 0.03});
  for (int i = 0; i < 6; ++i) calm.add({3, 0, 0.15});
  EXPECT_TRUE(is_displaced({3, 0, 0.15}, calm.times()));
  EXPECT_FALSE(is_displaced({3, 0, 0.04}, calm.times()));
  EXPECT_FALSE(is_displaced({4.5, 0, 0}, calm.times()));
}

}  // namespace
}  // namespace foretime::api
