// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/libbpf_log.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <utility>
#include <vector>

#include "daemon/base/synchronized.h"

namespace capmon {
namespace {

constexpr size_t kMaxLog = 1 << 18;
constexpr size_t kMaxLine = 200;

struct Logs {
  std::string current;
  std::string earlier;
};

Synchronized<Logs>& Collected() {
  static auto* const logs = new Synchronized<Logs>();
  return *logs;
}

void Append(std::string& log, const std::string& text) {
  log += text;
  if (log.size() > kMaxLog) log.erase(0, log.size() - kMaxLog);
}

int Collect(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  std::vector<char> text(kMaxLog);
  const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
  if (size <= 0) return 0;
  Collected().With([&](Logs& logs) { Append(logs.current, text.data()); });
  return 0;
}

// Framing and sums, and libbpf's own repetition of the error, which say nothing about the cause.
bool SaysSomething(std::string_view line) {
  static constexpr std::array<std::string_view, 7> kEmpty = {
      "-- BEGIN",    "-- END",         "libbpf: failed to load", "processed ",
      "stack depth", "libbpf: -- END", "verification time"};
  for (const std::string_view prefix : kEmpty)
    if (line.substr(0, prefix.size()) == prefix) return false;
  return line.find_first_not_of(" \t") != line.npos;
}

}  // namespace

void StartLibbpfLog() {
  Collected().With([](Logs& logs) { Append(logs.earlier, std::exchange(logs.current, "")); });
  libbpf_set_print(&Collect);
}

std::string LibbpfLog() {
  return Collected().With([](const Logs& logs) { return logs.current; });
}

std::string EarlierLibbpfLogs() {
  return Collected().With([](const Logs& logs) { return logs.earlier; });
}

absl::Status LoadError(int error, std::string_view log) {
  const std::string what = "load: " + LastLines(log);
  const bool verified = log.find("PROG LOAD LOG --") != log.npos;
  if (error == EACCES && verified) return absl::UnavailableError(what);
  return absl::ErrnoToStatus(error, what);
}

std::string LastLines(std::string_view log, size_t lines) {
  std::deque<std::string_view> last;
  while (!log.empty()) {
    const size_t end = std::min(log.find('\n'), log.size());
    const std::string_view line = log.substr(0, std::min(end, kMaxLine));
    log.remove_prefix(std::min(end + 1, log.size()));
    if (!SaysSomething(line)) continue;
    if (last.size() == lines) last.pop_front();
    last.push_back(line);
  }
  std::string joined;
  for (const std::string_view line : last) {
    joined += joined.empty() ? "" : " | ";
    joined += line;
  }
  return joined;
}

}  // namespace capmon
