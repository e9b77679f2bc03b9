#include "base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include "base/error.h"
#include "base/one_line.h"
#include "base/stopwatch.h"

extern char** environ;

namespace foretime {
namespace {

[[noreturn]] void fail(const std::string& program, int reason) {
  throw Error(program, std::string("cannot be started: ") + std::strerror(reason));
}

/// A file that is gone when it is closed.
int nameless_file() {
  const std::string folder = std::filesystem::temp_directory_path().string();
  int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  std::string path = folder + "/foretime-XXXXXX";  // a file system without O_TMPFILE
  file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file >= 0) ::unlink(path.c_str());
  return file;
}

std::string described(int status) {
  if (WIFEXITED(status))
    return WEXITSTATUS(status) == 0 ? "" : "exit code " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  return "signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
}

}  // namespace

Subprocess::Subprocess(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail(command[0], errno);
  socket_ = ends[0];
  errors_ = nameless_file();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  if (errors_ >= 0) posix_spawn_file_actions_adddup2(&actions, errors_, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int error = ::posix_spawnp(&process_, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  if (error == 0) return;
  ::close(socket_);
  if (errors_ >= 0) ::close(errors_);
  fail(command[0], error);
}

Subprocess::~Subprocess() {
  if (!ended_) kill();
  if (socket_ >= 0) ::close(socket_);
  if (errors_ >= 0) ::close(errors_);
}

bool Subprocess::write_line(std::string_view line) {
  std::string text(line);
  text += '\n';
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::optional<std::string> Subprocess::read_line(Milliseconds timeout) {
  const Stopwatch watch;
  timed_out_ = false;
  std::size_t searched = 0;
  while (true) {
    if (const std::size_t end = read_.find('\n', searched); end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    searched = read_.size();
    pollfd waiting{socket_, POLLIN, 0};
    const double left = timeout.value - watch.elapsed().value;
    const int ready = left <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left) + 1);
    if (ready < 0 && errno == EINTR) continue;
    timed_out_ = ready == 0;
    if (ready <= 0) return std::nullopt;
    std::array<char, 1 << 16> buffer;
    const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    read_.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

std::string Subprocess::finish(Milliseconds timeout) {
  const Stopwatch watch;
  ::shutdown(socket_, SHUT_WR);
  int status = 0;
  pid_t done = 0;
  while ((done = ::waitpid(process_, &status, WNOHANG)) == 0 && watch.elapsed() < timeout) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (done <= 0) {
    kill();
    return "no answer";
  }
  ::kill(-process_, SIGKILL);  // whatever it started and left behind
  ended_ = true;
  return described(status);
}

std::string Subprocess::last_words() const {
  constexpr off_t kMost = 2048;
  const off_t size = errors_ < 0 ? 0 : ::lseek(errors_, 0, SEEK_END);
  if (size <= 0) return "";
  const off_t from = size > kMost ? size - kMost : 0;
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const ssize_t count = ::pread(errors_, text.data(), text.size(), from);
  text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return one_line(text);
}

void Subprocess::kill() {
  ::kill(-process_, SIGKILL);
  ::kill(process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = true;
}

std::string own_path() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string() : path.string();
}

}  // namespace foretime
