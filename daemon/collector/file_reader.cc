// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/file_reader.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace capmon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// An answer that takes longer is slow: its container owes a hundred times as long without reading,
// so that in the long run it takes a hundredth of the time at most. A loaded machine is slow now
// and then in any container, so each may owe for a few seconds of slow answers before reading
// stops; after one that hung it stops at once.
constexpr milliseconds kSlow(500);
constexpr int kShare = 100;
constexpr seconds kMayOwe = kShare * seconds(3);
constexpr seconds kBetweenLooks(1);

bool IsOfFile(const KernelEvent& answer) {
  return std::holds_alternative<FileRead>(answer) || std::holds_alternative<ExecRefused>(answer);
}

bool Known(const KernelEvent& answer) {
  const auto* const read = std::get_if<FileRead>(&answer);
  const auto* const refused = std::get_if<ExecRefused>(&answer);
  return read != nullptr ? read->known : refused != nullptr && refused->known;
}

bool HasNoAnswer(const KernelEvent& answer) {
  return std::holds_alternative<CgroupMade>(answer) ||
         std::holds_alternative<CgroupRemoved>(answer);
}

void Fill(KernelEvent& event, const FileAnswer& answer) {
  if (auto* map = std::get_if<UserMapRead>(&event)) map->ids = answer.ids;
  if (!answer.known) return;
  const auto fill = [&](auto* file) {
    if (file == nullptr) return;
    file->known = true;
    file->permitted = answer.permitted;
    file->effective = answer.effective;
  };
  fill(std::get_if<FileRead>(&event));
  fill(std::get_if<ExecRefused>(&event));
}

}  // namespace

FileReader::FileReader(std::unique_ptr<ReadingProcess> process)
    : process_(std::move(process)),
      ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](std::stop_token stop) { Work(std::move(stop)); }) {
  const std::lock_guard lock(mutex_);
  tally_.gone = process_ == nullptr;
}

FileReader::~FileReader() {
  thread_.request_stop();
  if (process_) process_->End();
}

FileQuestion FileReader::About(CgroupId cgroup, uint32_t pid, FileQuestion::Kind kind) const {
  FileQuestion question{
      .kind = kind, .cgroup = cgroup, .pid = pid, .path = "", .root = "", .path_on_device = ""};
  if (const auto found = noted_.find(cgroup); found != noted_.end())
    question.first_pid = found->second.pid;
  return question;
}

void FileReader::Want(const ProcessExec& exec, const Asker& asker) {
  FileRead answer;
  answer.time = exec.time;
  answer.cgroup = exec.cgroup;
  answer.exe = exec.exe;
  answer.path = exec.path;
  FileQuestion question = About(exec.cgroup, exec.pid, FileQuestion::Kind::kFile);
  question.exe = static_cast<uint32_t>(exec.inode);
  question.path = exec.path;
  question.root = asker.root;
  question.device = exec.device;
  question.path_on_device = exec.path_on_device;
  question.time = exec.time;
  Ask({asker.container, std::move(answer), std::move(question)});
}

void FileReader::Want(const ExecRefused& refused, const Asker& asker) {
  FileQuestion question = About(refused.cgroup, refused.pid, FileQuestion::Kind::kFile);
  question.time = refused.time;
  question.path = refused.path;
  question.root = asker.root;
  Ask({asker.container, refused, std::move(question)});
}

void FileReader::WantUserMap(const ProcessExec& exec, const Asker& asker) {
  UserMapRead answer;
  answer.time = exec.time;
  answer.cgroup = exec.cgroup;
  answer.userns_level = exec.userns_level;
  Ask({asker.container, std::move(answer),
       About(exec.cgroup, exec.pid, FileQuestion::Kind::kUserMap)});
}

void FileReader::Note(const ProcessExec& exec, const std::string& container) {
  // A runtime's own stages end before the container starts.
  if (exec.exe_origin == ExeOrigin::kHost || exec.exe_origin == ExeOrigin::kNone ||
      exec.exe_origin == ExeOrigin::kMemory)
    return;
  if (Noted& noted = NotedFor(exec.cgroup, container); noted.pid == 0) noted.pid = exec.pid;
}

FileReader::Noted& FileReader::NotedFor(CgroupId cgroup, const std::string& container) {
  if (noted_.size() >= kMaxNoted) noted_.clear();
  return noted_.try_emplace(cgroup, 0, container).first->second;
}

void FileReader::NoteRuntime(const CheckSampled& sampled, const std::string& container) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_.size() > kMaxWanted / 2) return;  // files come first
  }
  const CgroupId cgroup = sampled.key.cgroup;
  NotedFor(cgroup, container);
  Ask({container, CgroupMade{sampled.time, cgroup, "", false},
       About(cgroup, sampled.pid, FileQuestion::Kind::kRoot)});
}

void FileReader::Forget(const CgroupRemoved& removed) {
  const auto noted = noted_.find(removed.cgroup);
  if (noted == noted_.end()) return;
  const std::string container = std::move(noted->second.container);
  noted_.erase(noted);
  Ask({container, removed, About(removed.cgroup, 0, FileQuestion::Kind::kForget)});
}

void FileReader::Ask(Question question) {
  const std::string container = question.container;
  const std::lock_guard lock(mutex_);
  if (const auto displaced = wanted_.Push(container, std::move(question))) {
    if (displaced->ask.kind == FileQuestion::Kind::kForget)
      forgotten_.push_back(displaced->ask.cgroup);
    if (IsOfFile(displaced->answer)) ++tally_.dropped;
    Count(displaced->answer);
  }
  work_.notify_one();
}

void FileReader::Count(const KernelEvent& answer) {
  if (IsOfFile(answer)) ++(Known(answer) ? tally_.read : tally_.unread);
}

void FileReader::Deliver(KernelEvent answer) {
  {
    const std::lock_guard lock(mutex_);
    busy_ = !wanted_.empty();
    if (!busy_) done_.notify_all();
    Count(answer);
    const auto* const map = std::get_if<UserMapRead>(&answer);
    if (HasNoAnswer(answer) || (map && map->ids.empty())) return;
    answers_.push_back(std::move(answer));
  }
  if (ready_) ::eventfd_write(ready_.get(), 1);
}

bool FileReader::Await(milliseconds patience) {
  std::unique_lock lock(mutex_);
  return done_.wait_for(lock, patience, [this] { return wanted_.empty() && !busy_; });
}

bool FileReader::HasAnswers() {
  const std::lock_guard lock(mutex_);
  return !answers_.empty();
}

FileReader::Tally FileReader::tally() {
  const std::lock_guard lock(mutex_);
  return tally_;
}

std::vector<KernelEvent> FileReader::Drain() {
  eventfd_t count = 0;
  if (ready_) ::eventfd_read(ready_.get(), &count);
  const std::lock_guard lock(mutex_);
  work_.notify_one();
  return std::exchange(answers_, {});
}

void FileReader::Work(std::stop_token stop) {
  for (;;) {
    std::optional<Question> question;
    std::vector<CgroupId> forgotten;
    {
      std::unique_lock lock(mutex_);
      const auto due = [this] { return !wanted_.empty() && answers_.size() < kMaxAnswers; };
      if (!work_.wait(lock, stop, due)) return;
      question = wanted_.Pop();
      forgotten = std::exchange(forgotten_, {});
      busy_ = true;
    }
    for (const CgroupId cgroup : forgotten) {
      FileQuestion forget;
      forget.kind = FileQuestion::Kind::kForget;
      forget.cgroup = cgroup;
      if (process_) process_->Ask(forget);
    }
    Answer(*question);
    if (stop.stop_requested()) return;
    Deliver(std::move(question->answer));
  }
}

void FileReader::Answer(Question& question) {
  if (!process_) return;
  const bool forgets = question.ask.kind == FileQuestion::Kind::kForget;
  if (!forgets && Avoids(question)) {
    const std::lock_guard lock(mutex_);
    if (IsOfFile(question.answer)) ++tally_.avoided;
    return;
  }
  const Clock::time_point start = Clock::now();
  const ReadingProcess::Reply reply = process_->Ask(question.ask);
  Learn(question, reply, Clock::now() - start);
  Fill(question.answer, reply.answer);
}

// Reading still hangs in the container, or took long too often a short while ago.
bool FileReader::Avoids(const Question& question) {
  if (!hung_in_.empty() && Clock::now() >= next_look_) {
    Learn({}, process_->Ask({}), {});
    next_look_ = Clock::now() + kBetweenLooks;
  }
  if (std::ranges::any_of(hung_in_,
                          [&](const auto& entry) { return entry.second == question.container; }))
    return true;
  const auto owes = owes_until_.find(question.container);
  if (owes == owes_until_.end()) return false;
  const Clock::time_point now = Clock::now();
  if (now + kMayOwe < owes->second) return true;
  if (now >= owes->second) owes_until_.erase(owes);
  return false;
}

void FileReader::Learn(const Question& question, const ReadingProcess::Reply& reply,
                       Clock::duration took) {
  const bool hung = reply.state == ReadingProcess::State::kHung;
  if (hung) hung_in_[question.ask.cgroup] = question.container;
  std::erase_if(hung_in_, [&](const auto& entry) {
    return std::ranges::find(reply.hanging, entry.first) == reply.hanging.end();
  });
  if (hung || took >= kSlow) {
    if (owes_until_.size() >= kMaxOwing) owes_until_.clear();
    Clock::time_point& owes = owes_until_[question.container];
    owes = std::max(owes, Clock::now() + (hung ? kMayOwe : seconds(0))) + kShare * took;
  }
  const std::lock_guard lock(mutex_);
  tally_.hung += hung ? 1 : 0;
  tally_.hanging = reply.hanging.size();
  tally_.full = reply.state == ReadingProcess::State::kFull ||
                reply.hanging.size() >= ReadingProcess::kMaxHanging;
  tally_.gone = reply.state == ReadingProcess::State::kGone;
}

}  // namespace capmon
