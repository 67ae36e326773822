// SPDX-License-Identifier: Apache-2.0
// Queries one source of names on threads of its own, because any source may hang; the event loop
// only collects results. MetadataSource is the interface of a source.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

// A cgroup that was just seen and may have a container.
struct ContainerRef {
  std::string id;           // from the cgroup's path; may be empty
  std::string cgroup_path;  // may be empty
};

enum class Found { kYes, kNotYet, kNo };

// All calls but Watch() come from one thread; Watch() has another one. Each returns soon after
// `stop` is requested. An error means that the source as a whole does not work: NOT_FOUND if it is
// absent, any other code if it fails.
class MetadataSource {
 public:
  struct Answers {
    std::function<void(ContainerDescribed)> emit;
    std::function<void(const std::string& id)> inspect_later;  // queries this one by itself, later
  };

  virtual ~MetadataSource() = default;
  virtual bool Handles(const ContainerRef& wanted) const = 0;
  // Reports all containers; called when the source begins to work.
  virtual absl::Status ListAll(const Answers& answers, std::stop_token stop) = 0;
  // Checks whether the source still works; called now and then.
  virtual absl::Status Check(const Answers& answers, std::stop_token stop) = 0;
  virtual absl::StatusOr<Found> Inspect(const ContainerRef& wanted, const Answers& answers,
                                        std::stop_token stop) = 0;
  // Passes on the ids of containers that changed, until the source ends that. UNIMPLEMENTED: the
  // source sends no events.
  virtual absl::Status Watch(const std::function<void(const std::string& id)>& changed,
                             std::stop_token stop);
};

class Lookup {
 public:
  struct Patience {
    // Between attempts while nothing works, and between checks.
    std::chrono::milliseconds retry{30'000};
    std::chrono::milliseconds eager_retry{1'000};  // the same, after a request
    std::chrono::milliseconds not_yet{50};  // before the second attempt; then four times as long
  };
  struct State {
    std::string state = "absent";  // "ok", "absent", "failing"
    std::string detail;            // one sentence; empty if ok
  };

  // Reports all containers first, and again whenever the source works again.
  Lookup(std::unique_ptr<MetadataSource> source, Patience patience);

  // Readable if Drain() has results; -1 if the process has no file descriptors left; Drain() then
  // still works.
  int fd() const { return ready_.get(); }
  std::vector<ContainerDescribed> Drain();
  // Requests one container. Ignores what this source cannot know. Never blocks.
  void Request(const ContainerRef& wanted);

  State state() const;
  uint64_t dropped() const;  // descriptions and requests over a limit, and abandoned requests

  static constexpr size_t kMaxReady = 4096;
  static constexpr size_t kMaxWanted = 4096;
  static constexpr int kMaxAttempts = 3;        // while the source fails
  static constexpr int kMaxUnknownAnswers = 6;  // while the source does not know the container

 private:
  using Clock = std::chrono::steady_clock;
  struct Query {
    ContainerRef wanted;
    int attempts = 0;
    int unknown_answers = 0;
  };

  void Ask(std::stop_token stop);
  void FollowChanges(std::stop_token stop);
  absl::Status Work(std::stop_token stop, bool connected);
  bool WaitForWork(std::stop_token stop, bool connected);
  absl::Status AskForWanted(std::stop_token stop);
  bool NextDue(Query& request);
  void Deliver(ContainerDescribed described);
  void Enqueue(Query request, Clock::time_point due);
  void Report(const absl::Status& status);

  const Patience patience_;
  const std::unique_ptr<MetadataSource> source_;
  const MetadataSource::Answers answers_;
  const UniqueFd ready_;
  mutable std::mutex mutex_;  // not held during a query
  std::condition_variable_any work_;
  std::multimap<Clock::time_point, Query> wanted_;  // by the time they are due
  std::set<std::string> asked_for_;                 // the ids in wanted_
  bool news_ = false;                               // a request was made since the last wait
  Clock::time_point next_check_;
  std::deque<ContainerDescribed> delivered_;
  State state_;
  uint64_t dropped_ = 0;
  std::jthread asking_, following_;  // last: use all members above
};

}  // namespace capmon
