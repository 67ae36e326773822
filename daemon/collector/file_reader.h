// SPDX-License-Identifier: Apache-2.0
// Reads the capabilities of executed files and the user maps of processes, on a thread of its own:
// a file system may hang, and the event loop never waits. The running process is looked at first;
// where it is gone already, or not open to capmond, the path in the container's root file system.
// That is held open from the first question on: a container often ends right after its last
// program.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class FileReader {
 public:
  struct Question {
    // As it is when nothing can be read. CgroupMade and CgroupRemoved have none: the root directory
    // of that cgroup's container is opened, or closed.
    KernelEvent answer;
    uint32_t pid = 0;
    uint32_t exe = 0;        // 0: the process runs another program
    uint32_t first_pid = 0;  // another process of the same cgroup; 0: none is known
    std::string path;
    std::string root;
  };

  explicit FileReader(std::string proc);

  // Remembers a process of each cgroup, the first one seen: it often outlives what it starts, and
  // has the same files.
  void Note(const ProcessExec& exec);
  // A runtime's process prepares the container in that cgroup, and may be in its root file system
  // already. So it is held open before the first program runs, which may end at once.
  void NoteRuntime(const CheckSampled& sampled);
  // The cgroup is gone. Lets go of its root file system once all questions so far are answered.
  void Forget(const CgroupRemoved& removed);
  // `root` is where the container's root file system is on this host; "" when not known. The answer
  // is a FileRead, or the same ExecRefused with what the file says. Never blocks; a question too
  // many is answered at once with "not known".
  void Want(const ProcessExec& exec, const std::string& root);
  void Want(const ExecRefused& refused, const std::string& root);
  // The answer is a UserMapRead, or none.
  void WantUserMap(const ProcessExec& exec);
  // Waits until everything wanted so far is answered, at most for `patience`; false when it is not.
  // Not for the event loop.
  bool Await(std::chrono::milliseconds patience);
  bool HasAnswers();  // for Take()
  std::vector<KernelEvent> Take();
  int fd() const { return ready_.get(); }  // readable when Take() has something

  struct Tally {
    uint64_t read = 0;
    uint64_t unread = 0;  // could not be read, or there were too many questions
  };
  Tally tally();

  static constexpr size_t kMaxWanted = 1024;
  static constexpr size_t kMaxNoted = 8192;  // then all are forgotten, and noted anew
  static constexpr size_t kMaxRoots = 128;   // likewise; a descriptor each

 private:
  void Ask(Question question);
  uint32_t FirstOf(CgroupId cgroup) const;
  void Work(std::stop_token stop);
  const UniqueFd& RootFor(CgroupId cgroup, const Question& question);
  void Answer(Question& question);
  void Deliver(KernelEvent answer);

  const std::string proc_;
  const UniqueFd ready_;
  std::unordered_map<CgroupId, uint32_t> first_pids_;  // the caller's
  std::mutex mutex_;
  std::condition_variable_any work_;
  std::condition_variable done_;
  bool busy_ = false;
  std::unordered_map<CgroupId, UniqueFd> roots_;  // the thread's
  std::deque<Question> wanted_;
  std::vector<KernelEvent> answers_;
  Tally tally_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace capmon
