// SPDX-License-Identifier: Apache-2.0
// Asks one source what containers are called, on threads of its own, because any source may hang;
// the event loop only ever takes what is ready. What a source is and says is a MetadataSource.
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

// Whoever lives in a cgroup that was just seen.
struct Wanted {
  std::string id;           // from the cgroup's path; may be empty
  std::string cgroup_path;  // may be empty
};

enum class Found { kYes, kNotYet, kNo };

// All calls but Follow() come from one thread; Follow() has another one. Each returns soon after
// `stop` is asked for. An error means that the source as a whole does not work: NOT_FOUND that it
// is not there, anything else that it fails.
class MetadataSource {
 public:
  struct Answers {
    std::function<void(ContainerDescribed)> tell;
    std::function<void(const std::string& id)> look_closer;  // ask for this one by itself, later
  };

  virtual ~MetadataSource() = default;
  virtual bool MayKnow(const Wanted& wanted) const = 0;
  // All there are; asked when the source was not working before.
  virtual absl::Status AskForAll(const Answers& answers, std::stop_token stop) = 0;
  // Whether it still works; asked now and then while it does.
  virtual absl::Status Check(const Answers& answers, std::stop_token stop) = 0;
  virtual absl::StatusOr<Found> AskForOne(const Wanted& wanted, const Answers& answers,
                                          std::stop_token stop) = 0;
  // Names containers that changed, until the source ends that. UNIMPLEMENTED: it never will.
  virtual absl::Status Follow(const std::function<void(const std::string& id)>& changed,
                              std::stop_token stop);
};

class Lookup {
 public:
  struct Patience {
    std::chrono::milliseconds retry{30'000};  // between attempts while nothing works, and checks
    std::chrono::milliseconds eager_retry{1'000};  // the same, when a container was just asked for
    std::chrono::milliseconds not_yet{50};  // before the second look; then four times as long
  };
  struct State {
    std::string state = "absent";  // "ok", "absent", "failing"
    std::string detail;            // why, one sentence; empty when ok
  };

  // Asks for all containers first, and again whenever the source comes back.
  Lookup(std::unique_ptr<MetadataSource> source, Patience patience);

  // Readable when Take() has something; -1 if the process has no file descriptors left, in which
  // case Take() still works.
  int fd() const { return ready_.get(); }
  std::vector<ContainerDescribed> Take();
  // Asks for one container, soon. What cannot be this source's is passed over. Never blocks.
  void Want(const Wanted& wanted);

  State state() const;
  uint64_t dropped() const;  // descriptions and requests over a limit, and requests given up

  static constexpr size_t kMaxReady = 4096;
  static constexpr size_t kMaxWanted = 4096;
  static constexpr int kMaxAttempts = 3;  // while the source fails
  static constexpr int kMaxLooks = 6;     // while the source does not know the container yet

 private:
  using Clock = std::chrono::steady_clock;
  struct Request {
    Wanted wanted;
    int attempts = 0;
    int looks = 0;
  };

  void Ask(std::stop_token stop);
  void FollowChanges(std::stop_token stop);
  absl::Status Work(std::stop_token stop, bool connected);
  bool WaitForWork(std::stop_token stop, bool connected);
  absl::Status AskForWanted(std::stop_token stop);
  bool NextDue(Request& request);
  void Deliver(ContainerDescribed described);
  void Enqueue(Request request, Clock::time_point due);
  void Report(const absl::Status& status);

  const Patience patience_;
  const std::unique_ptr<MetadataSource> source_;
  const MetadataSource::Answers answers_;
  const UniqueFd ready_;
  mutable std::mutex mutex_;  // never held while talking to the source
  std::condition_variable_any work_;
  std::multimap<Clock::time_point, Request> wanted_;  // by when it is due
  std::set<std::string> asked_for_;                   // those in wanted_
  bool news_ = false;                                 // something was asked for since last time
  Clock::time_point next_check_;
  std::deque<ContainerDescribed> delivered_;
  State state_;
  uint64_t dropped_ = 0;
  std::jthread asking_, following_;  // last: they use all of the above
};

}  // namespace capmon
