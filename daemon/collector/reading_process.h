// SPDX-License-Identifier: Apache-2.0
// A process that reads what may hang. A supervisor, forked before capmond has locks, maps or
// threads, forks a worker for the questions. A worker that does not answer in time is killed, and
// where the kernel cannot end it, abandoned: it holds nothing of capmond's. The next question gets
// a new worker. Both processes end with capmond.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/unique_fd.h"
#include "daemon/collector/file_question.h"

namespace capmon {

class ReadingProcess {
 public:
  static constexpr std::chrono::milliseconds kPatience{2000};
  static constexpr size_t kMaxHanging = 8;

  // Runs in the worker.
  using Answerer = std::function<FileAnswer(const FileQuestion&)>;
  // Call before any thread exists, and from the thread that ends last.
  static absl::StatusOr<std::unique_ptr<ReadingProcess>> Start(
      Answerer answerer, std::chrono::milliseconds patience = kPatience);
  ~ReadingProcess();

  enum class State : uint32_t {
    kAnswered,
    kHung,  // not in time
    kFull,  // kMaxHanging workers hang already, or no further one can be forked
    kGone,  // the supervisor has ended
  };
  struct Reply {
    State state = State::kGone;
    FileAnswer answer;
    std::vector<CgroupId> hanging;  // of which questions hang that the kernel cannot end
  };
  // Waits for the answer, a little longer than `patience` at most. From one thread.
  Reply Ask(const FileQuestion& question);
  // From any thread: Ask() returns at once, from now on.
  void End();
  pid_t supervisor() const { return supervisor_; }

 private:
  ReadingProcess(pid_t supervisor, UniqueFd socket)
      : supervisor_(supervisor), socket_(std::move(socket)) {}

  const pid_t supervisor_;
  const UniqueFd socket_;
};

}  // namespace capmon
