// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "daemon/metrics/snapshot.h"

namespace capmon {
namespace {

uint64_t CountOpenFds() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc/self/fd"), &::closedir);
  if (!directory) return 0;
  uint64_t entries = 0;
  while (::readdir(directory.get()) != nullptr) ++entries;
  constexpr uint64_t kNotCounted = 3;  // ".", ".." and the directory itself
  return entries > kNotCounted ? entries - kNotCounted : 0;
}

double Seconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// The fields of /proc/self/stat after the name, which may have blanks: "state" is the first.
std::istringstream FieldsAfterName() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const size_t end = line.rfind(')');
  return std::istringstream(end == line.npos ? "" : line.substr(end + 1));
}

}  // namespace

ProcessFacts ReadProcessFacts() {
  ProcessFacts facts;
  std::istringstream fields = FieldsAfterName();
  std::string skipped;
  uint64_t started_ticks = 0, resident_pages = 0;
  constexpr int kThreads = 20, kStarted = 22;  // see proc(5); "state" is the third
  int field = 3;
  for (; field < kThreads; ++field) fields >> skipped;
  fields >> facts.threads;
  for (++field; field < kStarted; ++field) fields >> skipped;
  fields >> started_ticks >> facts.virtual_bytes >> resident_pages;
  facts.resident_bytes = resident_pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));

  timespec cpu = {}, now = {}, since_boot = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  ::clock_gettime(CLOCK_REALTIME, &now);
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  facts.cpu_seconds = Seconds(cpu);
  facts.started = Seconds(now) - Seconds(since_boot) +
                  static_cast<double>(started_ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) facts.max_fds = limit.rlim_cur;
  facts.open_fds = CountOpenFds();
  return facts;
}

}  // namespace capmon
