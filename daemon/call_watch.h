// SPDX-License-Identifier: Apache-2.0
// Decides when all system calls of the host are watched. That slows each of them, so it is done
// only while some young container may show what can be learned in no other way, and only for a
// limited time per hour. Pure; the times are those of the caller's clock.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "daemon/model/kernel_event.h"

namespace capmon {

// A running container, as far as it matters here.
struct YoungContainer {
  std::string key;
  std::string program;    // what was started, of which image; "" until its own first program runs
  TimeNs age = 0;         // since its cgroup was made
  TimeNs since_news = 0;  // since the last new kind of check that may be a need
  bool gated = false;     // its seccomp filter allows calls that no check shows, with what it holds
};

class CallWatch {
 public:
  struct Options {
    TimeNs per_hour = 120 * kSecond;  // the most watching per hour; all of it at once, if need be
    // Results behind checks are known without watching: what is left to learn is little.
    bool ends_awaited = false;
  };
  static constexpr TimeNs kStartUp = 10 * kSecond;
  static constexpr TimeNs kAfterNews = 5 * kSecond;
  static constexpr int kStarts = 3;  // so many watched starts show what a program does
  static constexpr size_t kMaxPrograms = 4096;

  explicit CallWatch(const Options& options) : options_(options), left_(options.per_hour) {}

  // Returns whether to watch from now on. `young`: all running containers that may need it.
  bool Decide(TimeNs now, const std::vector<YoungContainer>& young);
  // How long calls were watched since the start. May be called on any thread.
  TimeNs watched() const { return watched_; }

 private:
  struct Start {
    std::string program;
    bool whole = true;  // watched from its beginning without interruption
  };

  bool IsKnown(const std::string& program) const;
  bool Needs(const YoungContainer& container) const;
  void NoteStarts(const std::vector<YoungContainer>& young);
  void NoteEnd(const Start& start);
  void Spend(TimeNs now);

  const Options options_;
  TimeNs left_;  // of what may be watched
  TimeNs decided_ = 0;
  std::atomic<TimeNs> watched_ = 0;
  bool on_ = false;
  std::map<std::string, Start> starts_;  // of containers that are starting, by key
  std::map<std::string, int> programs_;  // watched starts
  int known_in_a_row_ = 0;               // the last starts that were of known programs
};

}  // namespace capmon
