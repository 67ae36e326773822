// SPDX-License-Identifier: Apache-2.0
// Has the capabilities of executed files and the user maps of processes read, by a process that may
// hang: a thread waits for it, and the event loop never does. Containers take turns. One in which
// reading hangs or is slow is asked rarely, and what is not read of it makes only it unknown.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "daemon/base/fair_queue.h"
#include "daemon/base/unique_fd.h"
#include "daemon/collector/file_question.h"
#include "daemon/collector/reading_process.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class FileReader {
 public:
  // Of the container that a question is about.
  struct Asker {
    std::string container;  // its key
    std::string root;       // where its root file system is on this host; "" when not known
  };

  // Null: nothing is read.
  explicit FileReader(std::unique_ptr<ReadingProcess> process);
  ~FileReader();

  // Remembers a process of each cgroup, the first one seen: it often outlives what it starts, and
  // has the same files.
  void Note(const ProcessExec& exec, const std::string& container);
  // A runtime's process prepares the container in that cgroup, and may be in its root file system
  // already. So it is held open before the first program runs, which may end at once.
  void NoteRuntime(const CheckSampled& sampled, const std::string& container);
  // The cgroup is gone. Its root file system is let go of once all questions so far are answered.
  void Forget(const CgroupRemoved& removed);
  // The answer is a FileRead, or the same ExecRefused with what the file says. Never blocks; a
  // question too many is counted and not answered.
  void Want(const ProcessExec& exec, const Asker& asker);
  void Want(const ExecRefused& refused, const Asker& asker);
  // The answer is a UserMapRead, or none.
  void WantUserMap(const ProcessExec& exec, const Asker& asker);
  // Waits until everything wanted so far is answered, at most for `patience`; false when it is not.
  // Not for the event loop.
  bool Await(std::chrono::milliseconds patience);
  bool HasAnswers();  // for Drain()
  std::vector<KernelEvent> Drain();
  int fd() const { return ready_.get(); }  // readable when Drain() has something

  struct Tally {
    uint64_t read = 0;
    uint64_t unread = 0;   // all that were not read; those below among them
    uint64_t dropped = 0;  // there were too many questions
    uint64_t avoided = 0;  // not asked: reading hung or was slow in that container
    uint64_t hung = 0;     // not answered in time
    size_t hanging = 0;    // processes that hang and cannot be ended
    bool full = false;     // too many of them: nothing is read
    bool gone = false;     // no process reads
  };
  Tally tally();

  static constexpr size_t kMaxWantedEach = 256;  // of one container
  static constexpr size_t kMaxWanted = 8192;
  static constexpr size_t kMaxAnswers = 4096;  // then questions wait
  static constexpr size_t kMaxNoted = 8192;    // then all are forgotten, and noted anew
  static constexpr size_t kMaxOwing = 1024;    // likewise

 private:
  using Clock = std::chrono::steady_clock;
  struct Question {
    std::string container;
    // As it is when nothing can be read. CgroupMade and CgroupRemoved have none: the root directory
    // of that cgroup's container is opened, or closed.
    KernelEvent answer;
    FileQuestion ask;
  };
  struct Noted {
    uint32_t pid = 0;  // 0: only a runtime's process was seen
    std::string container;
  };

  Noted& NotedFor(CgroupId cgroup, const std::string& container);
  void Ask(Question question);
  FileQuestion About(CgroupId cgroup, uint32_t pid, FileQuestion::Kind kind) const;
  void Work(std::stop_token stop);
  void Answer(Question& question);
  bool Avoids(const Question& question);
  void Learn(const Question& question, const ReadingProcess::Reply& reply, Clock::duration took);
  void Deliver(KernelEvent answer);
  void Count(const KernelEvent& answer);

  const std::unique_ptr<ReadingProcess> process_;
  const UniqueFd ready_;
  std::unordered_map<CgroupId, Noted> noted_;  // the caller's
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::condition_variable done_;
  bool busy_ = false;
  FairQueue<Question> wanted_{kMaxWantedEach, kMaxWanted};
  std::vector<CgroupId> forgotten_;  // for which the queue had no room
  std::vector<KernelEvent> answers_;
  Tally tally_;
  // The thread's, by container:
  std::map<std::string, Clock::time_point> owes_until_;
  std::map<CgroupId, std::string> hung_in_;  // as far as it still hangs
  Clock::time_point next_look_;              // at what hangs
  std::jthread thread_;                      // last: it uses all of the above
};

}  // namespace capmon
