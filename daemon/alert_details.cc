// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert_details.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "common/process_status.h"
#include "daemon/base/unique_fd.h"

namespace capmon {
namespace {

constexpr size_t kMaxText = 16 << 10;
constexpr TimeNs kTickTolerance = kSecond / 10;  // start times are in hundredths of a second
constexpr char kEnded[] = "the process had ended";

// One process. Holds its directory, which never becomes that of another process.
class ProcessDirectory {
 public:
  ProcessDirectory(const std::string& proc, uint32_t pid)
      : directory_(
            ::open(fmt::format("{}/{}", proc, pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

  bool exists() const { return static_cast<bool>(directory_); }

  // Returns at most `most` bytes of a file; nothing and the reason if it cannot be read.
  std::optional<std::string> Read(const char* name, size_t most, std::string& why) const {
    const UniqueFd file(::openat(directory_.get(), name, O_RDONLY | O_CLOEXEC));
    if (!file) return Failed(why);
    std::string text(most, '\0');
    size_t size = 0;
    while (size < most) {
      const ssize_t part = ::read(file.get(), text.data() + size, most - size);
      if (part < 0 && errno == EINTR) continue;
      if (part < 0) return Failed(why);
      if (part == 0) break;
      size += static_cast<size_t>(part);
    }
    text.resize(size);
    return text;
  }

  std::optional<std::string> Link(const char* name, std::string& why) const {
    std::string target(AlertProcess::kMaxCommandLine, '\0');
    const ssize_t size = ::readlinkat(directory_.get(), name, target.data(), target.size());
    if (size < 0) return Failed(why);
    target.resize(static_cast<size_t>(size));
    return target;
  }

 private:
  static std::optional<std::string> Failed(std::string& why) {
    const bool ended = errno == ESRCH || errno == ENOENT;
    why = ended ? kEnded : std::strerror(errno);  // NOLINT(concurrency-mt-unsafe)
    return std::nullopt;
  }

  UniqueFd directory_;
};

void NoteUnread(Alert& alert, const char* field, const std::string& why) {
  alert.unread.emplace_back(field, why);
}

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

struct Stat {
  uint32_t parent = 0;
  TimeNs started = 0;  // since the machine started
};

// "77 (any name) S PARENT ... STARTED ...": the name may contain brackets and blanks.
std::optional<Stat> ParseStat(const std::string& text) {
  constexpr int kParent = 1, kStarted = 19;  // counted from the state
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  Stat stat;
  std::string word;
  for (int i = 0; fields >> word; ++i) {
    if (i == kParent) stat.parent = static_cast<uint32_t>(std::strtoul(word.c_str(), nullptr, 10));
    if (i != kStarted) continue;
    const long per_second = std::max(::sysconf(_SC_CLK_TCK), 1L);
    stat.started = std::strtoll(word.c_str(), nullptr, 10) * (kSecond / per_second);
    return stat;
  }
  return std::nullopt;
}

// The last number of "NSpid:\t4711\t7" is that in the process's own namespace.
uint32_t PidInside(const std::string& status) {
  const size_t line = status.find("\nNSpid:");
  if (line == std::string::npos) return 0;
  std::istringstream numbers(status.substr(line + 7, status.find('\n', line + 1) - line - 7));
  uint32_t pid = 0;
  for (uint32_t number = 0; numbers >> number;) pid = number;
  return pid;
}

// Returns why the process is not the one of the check, "" if it may be.
std::string Difference(const ProcessDirectory& process, const Alert& alert, TimeNs started) {
  if (started > alert.last + kTickTolerance)
    return "the process had ended, and another one has its id by now";
  const Container& container = alert.container;
  if (container.kind != ContainerKind::kContainer || container.id.empty()) return "";
  std::string why;
  const auto cgroups = process.Read("cgroup", kMaxText, why);
  if (!cgroups) return why;
  if (cgroups->find(container.id) == std::string::npos)
    return "the process with this id is not in the container";
  return "";
}

void ReadStatus(const ProcessDirectory& process, Alert& alert) {
  std::string why;
  const auto text = process.Read("status", kMaxText, why);
  const ProcessStatus status = ParseProcessStatus(text.value_or(""));
  if (text && !status.complete) why = "/proc has it in another form";
  AlertProcess& read = alert.process;
  if (!text || !status.complete) {
    NoteUnread(alert, "process.uid", why);
    NoteUnread(alert, "process.sets", why);
    return;
  }
  read.pid_inside = PidInside(*text);
  if (read.pid_inside == 0) NoteUnread(alert, "process.pid_inside", "/proc does not show it");
  if (!read.uid) read.uid = status.uid;
  if (!read.euid) read.euid = status.euid;
  if (read.name.empty()) read.name = status.name;
  if (read.sets_known) return;
  read.sets_known = true;
  read.effective = status.effective;
  read.permitted = status.permitted;
  read.bounding = status.bounding;
}

// A command line is only that of the check while the process executes the same program.
void ReadProgram(const ProcessDirectory& process, Alert& alert) {
  std::string why;
  const auto path = process.Link("exe", why);
  if (!path) {
    NoteUnread(alert, "process.executable", why);
  } else if (!alert.binary.empty() && BaseName(*path) != BaseName(alert.binary) &&
             BaseName(*path) != BaseName(alert.binary) + " (deleted)") {
    why = "the process executes another program by now";
    NoteUnread(alert, "process.executable", why);
    NoteUnread(alert, "process.command_line", why);
    return;
  } else {
    alert.process.executable = *path;
  }
  auto line = process.Read("cmdline", AlertProcess::kMaxCommandLine, why);
  if (!line) return NoteUnread(alert, "process.command_line", why);
  while (!line->empty() && line->back() == '\0') line->pop_back();
  std::ranges::replace(*line, '\0', ' ');
  alert.process.command_line = *std::move(line);
}

void ReadParent(const std::string& proc, uint32_t parent, Alert& alert) {
  alert.process.parent = parent;
  if (parent == 0) return;
  std::string why;
  const ProcessDirectory directory(proc, parent);
  auto name = directory.exists() ? directory.Read("comm", 64, why) : std::nullopt;
  if (!name) return NoteUnread(alert, "process.parent_name", why.empty() ? kEnded : why);
  if (name->ends_with('\n')) name->pop_back();
  alert.process.parent_name = *std::move(name);
}

ProcessClock ClockNow() {
  const auto read = [](clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return TimeNs{time.tv_sec} * kSecond + time.tv_nsec;
  };
  return {read(CLOCK_REALTIME), read(CLOCK_BOOTTIME)};
}

// What the threads share: the answer, once there is one.
struct Exchange {
  std::mutex mutex;
  std::condition_variable done;
  std::optional<Alert> answer;
};

}  // namespace

void ReadProcessDetails(const std::string& proc, const ProcessClock& now, Alert& alert) {
  const ProcessDirectory process(proc, alert.pid);
  std::string why = kEnded;
  const auto text = process.exists() ? process.Read("stat", kMaxText, why) : std::nullopt;
  if (!text) return NoteUnread(alert, "process", why);
  const std::optional<Stat> stat = ParseStat(*text);
  if (!stat) return NoteUnread(alert, "process", "/proc has it in another form");
  const TimeNs started = now.wall - (now.boot - stat->started);
  if (why = Difference(process, alert, started); !why.empty())
    return NoteUnread(alert, "process", why);
  alert.process.started = started;
  ReadStatus(process, alert);
  ReadParent(proc, stat->parent, alert);
  ReadProgram(process, alert);  // last: its reads may hang
}

AlertDetails::AlertDetails(std::string proc, std::chrono::milliseconds patience)
    : proc_(std::move(proc)),
      patience_(patience),
      hanging_(std::make_shared<std::atomic<int>>(0)) {}

void AlertDetails::Add(Alert& alert) {
  if (alert.process.started != 0) return;  // read when it was published first
  std::erase_if(alert.unread,
                [](const auto& unread) { return unread.first.starts_with("process"); });
  if (alert.pid == 0) {
    if (alert.has_capability) NoteUnread(alert, "process", "the kernel reported no process");
    return;
  }
  if (*hanging_ >= kMaxHanging)
    return NoteUnread(alert, "process", "earlier reads of other processes have not ended");
  const auto exchange = std::make_shared<Exchange>();
  ++*hanging_;
  std::thread([exchange, hanging = hanging_, proc = proc_, copy = alert]() mutable {
    ReadProcessDetails(proc, ClockNow(), copy);
    {
      std::lock_guard lock(exchange->mutex);
      exchange->answer = std::move(copy);
    }
    --*hanging;
    exchange->done.notify_one();
  }).detach();
  std::unique_lock lock(exchange->mutex);
  if (exchange->done.wait_for(lock, patience_, [&] { return exchange->answer.has_value(); }))
    alert = *std::move(exchange->answer);
  else
    NoteUnread(alert, "process", "reading it took too long");
}

}  // namespace capmon
