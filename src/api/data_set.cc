#include "api/data_set.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "api/model.h"
#include "base/error.h"
#include "datasets/data_set.h"

namespace foretime::api {
namespace {

/// What came of one file.
struct Part {
  std::vector<std::function<void()>> todo;
  std::set<std::string> devices;
  std::exception_ptr failure;
};

Part read_part(const std::string& file, const std::string& column, const Prepare& prepare) {
  Part part;
  try {
    const ModelLoader load = [](const std::string& model) { return load_model(model, {}).graph; };
    read_data_set(file, load, [&](MeasuredNetwork&& network) {
      for (const auto& [device, latency] : network.latencies) part.devices.insert(device);
      const auto measured = network.latencies.find(column);
      if (measured != network.latencies.end()) part.todo.push_back(prepare(network, measured->second));
    });
  } catch (...) {
    part.failure = std::current_exception();
  }
  return part;
}

/// Reads files on several threads and hands them out in order; at most a few wait.
class PartReader {
 public:
  PartReader(std::vector<std::string> files, std::string column, Prepare prepare)
      : files_(std::move(files)), column_(std::move(column)), prepare_(std::move(prepare)) {
    const std::size_t threads =
        std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, files_.size());
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~PartReader() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Part take(std::size_t file) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_.contains(file); });
    Part part = std::move(done_.at(file));
    done_.erase(file);
    taken_ = file + 1;
    changed_.notify_all();
    return part;
  }

 private:
  void work() {
    while (true) {
      std::size_t file = 0;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(
            lock, [&] { return stop_ || next_ >= files_.size() || next_ < taken_ + threads_.size() + 1; });
        if (stop_ || next_ >= files_.size()) return;
        file = next_++;
      }
      Part part = read_part(files_[file], column_, prepare_);
      const std::lock_guard lock(mutex_);
      done_.emplace(file, std::move(part));
      changed_.notify_all();
    }
  }

  std::vector<std::string> files_;
  std::string column_;
  Prepare prepare_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, Part> done_;
  std::size_t next_ = 0;
  std::size_t taken_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

void read_measured(const std::vector<std::string>& data_sets, const std::string& column,
                   const Prepare& prepare, const Progress& progress) {
  std::vector<std::string> files;
  for (const std::string& path : data_sets) {
    for (std::string& file : data_set_files(path)) files.push_back(std::move(file));
  }
  PartReader reader(files, column, prepare);
  std::set<std::string> devices;
  std::size_t networks = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    Part part = reader.take(i);
    if (part.failure) std::rethrow_exception(part.failure);
    devices.merge(part.devices);
    networks += part.todo.size();
    for (const std::function<void()>& each : part.todo) each();
    if (progress) progress(static_cast<int>(i) + 1, static_cast<int>(files.size()), "reading " + files[i]);
  }
  if (networks == 0)
    throw Error(data_sets[0], "no network was measured on '" + column + "'", listed(devices));
}

Observations observe(const std::vector<std::string>& data_sets, const std::string& column,
                     const ModelDesign& design, const Progress& progress) {
  Observations observations(design);
  const Prepare cut = [&](const MeasuredNetwork& network,
                          const MeasuredLatency& latency) -> std::function<void()> {
    return [&observations, cut = observations.cut(network, latency)] { observations.add(cut); };
  };
  read_measured(data_sets, column, cut, progress);
  return observations;
}

}  // namespace foretime::api
