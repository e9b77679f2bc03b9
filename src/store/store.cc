#include "store/store.h"

#include <sqlite3.h>
#include <zlib.h>

#include <cstring>
#include <filesystem>
#include <limits>
#include <string_view>

#include "base/error.h"
#include "device/store.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 1;  // of the tables, in the file's user_version

// Write-ahead logging lets readers and a writer work at the same time and survives a kill at any moment.
// Rows matter more than speed: there are a few a minute.
constexpr const char* kSetUp = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;";

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS measurements (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time TEXT NOT NULL, model TEXT NOT NULL, model_hash TEXT NOT NULL, structure_hash TEXT NOT NULL,
  cpu_signature TEXT NOT NULL, runtime TEXT NOT NULL, version TEXT NOT NULL, provider TEXT NOT NULL,
  precision TEXT NOT NULL, threads INTEGER NOT NULL,
  min_ms REAL, p05_ms REAL, median_ms REAL, mean_ms REAL, p90_ms REAL, p95_ms REAL, p99_ms REAL, p999_ms REAL,
  max_ms REAL, stddev_ms REAL, ci95_low_ms REAL, ci95_high_ms REAL,
  iterations INTEGER, sessions INTEGER, launches INTEGER, verdict TEXT NOT NULL, details TEXT NOT NULL,
  samples BLOB);
CREATE INDEX IF NOT EXISTS measurements_structure ON measurements (structure_hash);
PRAGMA user_version = 1;)";

constexpr std::string_view kColumns =
    "time, model, model_hash, structure_hash, cpu_signature, runtime, version, provider, precision, threads, "
    "min_ms, p05_ms, median_ms, mean_ms, p90_ms, p95_ms, p99_ms, p999_ms, max_ms, stddev_ms, ci95_low_ms, "
    "ci95_high_ms, iterations, sessions, launches, verdict, details";
constexpr int kColumnCount = 27;

/// Bytes of the samples, compressed; floats of one size differ in their low bits only, so grouping the bytes
/// by their place halves what is left.
std::string packed(const std::vector<float>& samples) {
  const std::size_t count = samples.size();
  std::string planes(count * sizeof(float), '\0');
  const auto* bytes = reinterpret_cast<const char*>(samples.data());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < sizeof(float); ++k) planes[k * count + i] = bytes[i * sizeof(float) + k];
  }
  uLongf size = ::compressBound(planes.size());
  std::string out(size + sizeof(std::uint64_t), '\0');
  const std::uint64_t samples_count = count;
  std::memcpy(out.data(), &samples_count, sizeof samples_count);
  ::compress2(reinterpret_cast<Bytef*>(out.data() + sizeof samples_count), &size,
              reinterpret_cast<const Bytef*>(planes.data()), planes.size(), Z_BEST_SPEED);
  out.resize(size + sizeof samples_count);
  return out;
}

/// Empty: they are damaged.
std::vector<float> unpacked(std::string_view blob) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 28;
  std::uint64_t count = 0;
  if (blob.size() < sizeof count) return {};
  std::memcpy(&count, blob.data(), sizeof count);
  blob.remove_prefix(sizeof count);
  if (count > kMost) return {};
  std::string planes(count * sizeof(float), '\0');
  uLongf size = planes.size();
  if (::uncompress(reinterpret_cast<Bytef*>(planes.data()), &size,
                   reinterpret_cast<const Bytef*>(blob.data()), blob.size()) != Z_OK ||
      size != planes.size()) {
    return {};
  }
  std::vector<float> samples(count);
  auto* bytes = reinterpret_cast<char*>(samples.data());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < sizeof(float); ++k) bytes[i * sizeof(float) + k] = planes[k * count + i];
  }
  return samples;
}

/// A statement that is finalised at the end.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& sql) {
    ok_ = ::sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr) == SQLITE_OK;
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { ::sqlite3_finalize(statement_); }

  bool ok() const { return ok_; }
  void add(const std::string& text) {
    ::sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  void add(double number) { ::sqlite3_bind_double(statement_, ++bound_, number); }
  void add(std::int64_t number) { ::sqlite3_bind_int64(statement_, ++bound_, number); }
  void add_bytes(const std::string& bytes) {
    ::sqlite3_bind_blob64(statement_, ++bound_, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  }
  int step() { return ::sqlite3_step(statement_); }

  std::string text(int column) const {
    const auto* bytes = ::sqlite3_column_text(statement_, column);
    const int size = ::sqlite3_column_bytes(statement_, column);
    return bytes == nullptr
               ? ""
               : std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  /// Not a number where the database says nothing; SQLite keeps NaN so.
  double real(int column) const {
    const bool nothing = ::sqlite3_column_type(statement_, column) == SQLITE_NULL;
    return nothing ? std::numeric_limits<double>::quiet_NaN() : ::sqlite3_column_double(statement_, column);
  }
  std::int64_t whole(int column) const { return ::sqlite3_column_int64(statement_, column); }
  std::string_view bytes(int column) const {
    const void* bytes = ::sqlite3_column_blob(statement_, column);
    return {static_cast<const char*>(bytes),
            static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
  bool ok_ = false;
};

/// Columns in the order of kColumns, after the id.
StoredMeasurement row_of(const Statement& s) {
  StoredMeasurement row;
  row.id = s.whole(0);
  int at = 0;
  for (std::string* text : {&row.time, &row.model, &row.model_hash, &row.structure_hash, &row.cpu_signature,
                            &row.runtime, &row.version, &row.provider, &row.precision}) {
    *text = s.text(++at);
  }
  row.threads = static_cast<int>(s.whole(++at));
  Summary& l = row.latency;
  for (double* number : {&l.min, &l.p05, &l.median, &l.mean, &l.p90, &l.p95, &l.p99, &l.p999, &l.max,
                         &l.stddev, &row.ci95.low, &row.ci95.high}) {
    *number = s.real(++at);
  }
  row.iterations = s.whole(++at);
  row.sessions = static_cast<int>(s.whole(++at));
  row.launches = static_cast<int>(s.whole(++at));
  row.verdict = s.text(++at);
  row.details = s.text(++at);
  return row;
}

}  // namespace

std::string user_database() {
  const std::string profiles = user_profile_folder();
  return profiles.empty() ? "" : (fs::path(profiles).parent_path() / "measurements.db").string();
}

Store::Store(const std::string& path, Milliseconds patience) : path_(path) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);  // if it fails, opening does, too
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  try {
    if (::sqlite3_open_v2(path.c_str(), &database_, kFlags, nullptr) != SQLITE_OK) fail();
    ::sqlite3_busy_timeout(database_, static_cast<int>(patience.value));
    run(kSetUp);
    std::int64_t version = 0;
    {
      Statement asked(database_, "PRAGMA user_version");
      if (!asked.ok() || asked.step() != SQLITE_ROW) fail();
      version = asked.whole(0);
    }
    if (version > kVersion)
      throw Error(path, "was written by a newer foretime", "that version, or --db ANOTHER");
    if (version < kVersion) run(kTables);
  } catch (...) {
    ::sqlite3_close(database_);
    throw;
  }
}

Store::~Store() {
  ::sqlite3_close(database_);
}

std::int64_t Store::add(const StoredMeasurement& row) {
  std::string marks = "?";
  for (int i = 1; i < kColumnCount + 1; ++i) marks += ", ?";
  Statement insert(
      database_, "INSERT INTO measurements (" + std::string(kColumns) + ", samples) VALUES (" + marks + ")");
  if (!insert.ok()) fail();
  for (const std::string* text :
       {&row.time, &row.model, &row.model_hash, &row.structure_hash, &row.cpu_signature, &row.runtime,
        &row.version, &row.provider, &row.precision}) {
    insert.add(*text);
  }
  insert.add(std::int64_t{row.threads});
  const Summary& l = row.latency;
  for (const double number : {l.min, l.p05, l.median, l.mean, l.p90, l.p95, l.p99, l.p999, l.max, l.stddev,
                              row.ci95.low, row.ci95.high}) {
    insert.add(number);
  }
  insert.add(row.iterations);
  insert.add(std::int64_t{row.sessions});
  insert.add(std::int64_t{row.launches});
  insert.add(row.verdict);
  insert.add(row.details);
  insert.add_bytes(packed(row.samples));
  if (insert.step() != SQLITE_DONE) fail();
  return ::sqlite3_last_insert_rowid(database_);
}

std::vector<StoredMeasurement> Store::list() const {
  Statement select(database_, "SELECT id, " + std::string(kColumns) + " FROM measurements ORDER BY id");
  if (!select.ok()) fail();
  std::vector<StoredMeasurement> rows;
  int state = SQLITE_ROW;
  while ((state = select.step()) == SQLITE_ROW) rows.push_back(row_of(select));
  if (state != SQLITE_DONE) fail();
  return rows;
}

std::vector<std::string> Store::latest_details(const std::string& cpu_signature, int threads,
                                               std::size_t most) const {
  Statement select(
      database_,
      "SELECT details FROM measurements WHERE cpu_signature = ? AND threads = ? ORDER BY id DESC LIMIT ?");
  if (!select.ok()) fail();
  select.add(cpu_signature);
  select.add(std::int64_t{threads});
  select.add(static_cast<std::int64_t>(most));
  std::vector<std::string> details;
  int state = SQLITE_ROW;
  while ((state = select.step()) == SQLITE_ROW) details.push_back(select.text(0));
  if (state != SQLITE_DONE) fail();
  return details;
}

StoredMeasurement Store::get(std::int64_t id) const {
  Statement select(database_,
                   "SELECT id, " + std::string(kColumns) + ", samples FROM measurements WHERE id = ?");
  if (!select.ok()) fail();
  select.add(id);
  const int state = select.step();
  if (state == SQLITE_DONE) {
    throw Error(path_, "has no measurement " + std::to_string(id),
                "an id that foretime measurements list shows");
  }
  if (state != SQLITE_ROW) fail();
  StoredMeasurement row = row_of(select);
  row.samples = unpacked(select.bytes(kColumnCount + 1));
  return row;
}

std::int64_t Store::prune(const std::string& time) {
  Statement remove(database_, "DELETE FROM measurements WHERE time < ?");
  if (!remove.ok()) fail();
  remove.add(time);
  if (remove.step() != SQLITE_DONE) fail();
  return ::sqlite3_changes64(database_);
}

void Store::run(const char* sql) {
  if (::sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void Store::fail() const {
  const int code = ::sqlite3_errcode(database_);
  const std::string reason = ::sqlite3_errmsg(database_);
  std::string accepted;
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
    accepted =
        "nothing was changed: sqlite3 FILE .recover saves what can be read; --db ANOTHER goes on elsewhere";
  } else if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    accepted = "another program holds it; try again, or --db ANOTHER";
  } else if (code == SQLITE_FULL || code == SQLITE_IOERR) {
    accepted = "what was kept before is whole; room on the disk, --db ANOTHER on another one, or --db none";
  } else {
    accepted = "a file that may be written, --db ANOTHER, or --db none";
  }
  throw Error(path_, reason, accepted);
}

}  // namespace foretime
