#include "store/store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"

namespace foretime {
namespace {

StoredMeasurement row(const std::string& model) {
  StoredMeasurement row;
  row.time = "2026-11-21T20:15:51Z";
  row.model = model;
  row.model_hash = "abc";
  row.cpu_signature = "cpu/2/0";
  row.runtime = "onnxruntime";
  row.threads = 2;
  row.latency.median = 7.25;
  row.latency.stddev = 0.5;
  row.ci95 = {7.2, 7.3};
  row.iterations = 1000;
  row.launches = 5;
  row.verdict = "trusted";
  row.details = "{}";
  for (int i = 0; i < 1000; ++i) row.samples.push_back(7.0F + static_cast<float>(i % 17) / 100);
  return row;
}

std::string problem(const std::string& path) {
  try {
    Store store(path);
    (void)store.list();
    return "opened";
  } catch (const Error& error) {
    return std::string(error.what()).substr(path.size());
  }
}

class StoreTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string path_ = folder_.file("deep/measurements.db");
};

TEST_F(StoreTest, KeepsWhatIsAdded) {
  const std::int64_t id = Store(path_).add(row("zoo:a"));
  Store store(path_);
  EXPECT_EQ(store.add(row("zoo:b")), id + 1);
  const auto rows = store.list();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].model, "zoo:a");
  EXPECT_EQ(rows[0].threads, 2);
  EXPECT_EQ(rows[0].latency.median, 7.25);
  EXPECT_EQ(rows[0].latency.stddev, 0.5);
  EXPECT_EQ(rows[0].ci95, (ConfidenceInterval{7.2, 7.3}));
  EXPECT_EQ(rows[0].iterations, 1000);
  EXPECT_EQ(rows[0].launches, 5);
  EXPECT_EQ(rows[0].verdict, "trusted");
  EXPECT_TRUE(rows[0].samples.empty());
  EXPECT_EQ(store.get(id).samples, row("").samples);
  EXPECT_THROW((void)store.get(99), Error);
  EXPECT_EQ(store.prune("2026-11-21T20:15:51Z"), 0);
  EXPECT_EQ(store.prune("2026-11-22"), 2);
}

TEST_F(StoreTest, TellsTheLatestDetailsOfOneProcessor) {
  Store store(path_);
  for (const char* details : {"{\"n\":1}", "{\"n\":2}", "{\"n\":3}"}) {
    StoredMeasurement each = row("zoo:a");
    each.details = details;
    store.add(each);
    each.threads = 1;
    store.add(each);
    each.cpu_signature = "another";
    store.add(each);
  }
  EXPECT_EQ(store.latest_details("cpu/2/0", 2, 2), (std::vector<std::string>{"{\"n\":3}", "{\"n\":2}"}));
  EXPECT_TRUE(store.latest_details("none", 2, 2).empty());
}

TEST_F(StoreTest, RefusesWhatIsNoDatabaseAndLeavesIt) {
  const std::string text(4096, 'x');
  const std::string path = folder_.file("text.db");
  write_file(path, text);
  EXPECT_EQ(problem(path),
            ": file is not a database (nothing was changed: sqlite3 FILE .recover saves what can be read; "
            "--db ANOTHER "
            "goes on elsewhere)");
  EXPECT_EQ(MappedFile::open(path)->text(), text);
  EXPECT_EQ(problem(folder_.path()),
            ": unable to open database file (a file that may be written, --db ANOTHER, or --db none)");
}

TEST_F(StoreTest, DamageInsideIsToldAndNothingIsChanged) {
  {
    Store store(path_);
    for (int i = 0; i < 5; ++i) store.add(row("zoo:a"));
  }
  const std::string whole(MappedFile::open(path_)->text());
  std::string broken = whole;
  for (std::size_t i = 4096; i < broken.size(); ++i) broken[i] = static_cast<char>(i * 37);
  for (const std::string& text : {broken, whole.substr(0, 9000)}) {  // overwritten; cut off
    write_file(path_, text);
    EXPECT_EQ(
        problem(path_),
        ": database disk image is malformed (nothing was changed: sqlite3 FILE .recover saves what can be "
        "read; --db ANOTHER goes on elsewhere)");
    EXPECT_EQ(MappedFile::open(path_)->text(), text);
  }
}

TEST_F(StoreTest, ADatabaseThatIsHeldIsWaitedForAndThenRefused) {
  const std::int64_t first = Store(path_).add(row("zoo:a"));
  sqlite3* holder = nullptr;
  ASSERT_EQ(::sqlite3_open(path_.c_str(), &holder), SQLITE_OK);
  ASSERT_EQ(::sqlite3_exec(holder, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  try {
    Store(path_, {50}).add(row("zoo:b"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.problem(), "database is locked (another program holds it; try again, or --db ANOTHER)");
  }
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ::sqlite3_exec(holder, "COMMIT", nullptr, nullptr, nullptr);
  });
  EXPECT_EQ(Store(path_).add(row("zoo:b")), first + 1);  // waits
  release.join();
  ::sqlite3_close(holder);
  EXPECT_EQ(Store(path_).list().size(), 2U);
}

TEST_F(StoreTest, AFullDiskLosesNothingThatWasAdded) {
  for (int i = 0; i < 3; ++i) Store(path_).add(row("zoo:before"));
  const pid_t child = ::fork();
  if (child == 0) {  // no file may grow beyond 64 KB here
    const rlimit limit{65'536, 65'536};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    StoredMeasurement large = row("zoo:large");
    large.details.assign(200'000, 'x');
    try {
      Store(path_).add(large);
    } catch (const Error& error) {
      const std::string text = error.what();
      std::_Exit(text.find("what was kept before is whole; room on the disk") == std::string::npos ? 2 : 0);
    }
    std::_Exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  Store store(path_);
  EXPECT_EQ(store.list().size(), 3U);
  EXPECT_EQ(store.add(row("zoo:after")), 4);
}

TEST_F(StoreTest, AWriterThatIsKilledLosesNothingThatWasAdded) {
  for (int round = 0; round < 3; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      Store store(path_);
      for (int i = 0;; ++i) {
        store.add(row("zoo:child"));
        if (i == 20 && ::write(ends[1], "x", 1) != 1) std::_Exit(1);
      }
    }
    char byte = 0;
    ASSERT_EQ(::read(ends[0], &byte, 1), 1);
    Store store(path_);
    store.add(row("zoo:parent"));  // while the other one writes
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  Store store(path_);
  std::size_t parents = 0;
  const auto rows = store.list();
  for (const StoredMeasurement& one : rows) parents += one.model == "zoo:parent" ? 1 : 0;
  EXPECT_EQ(parents, 3U);
  EXPECT_GE(rows.size(), 3U * 22);
  EXPECT_EQ(store.get(rows.back().id).samples.size(), 1000U);
}

}  // namespace
}  // namespace foretime
