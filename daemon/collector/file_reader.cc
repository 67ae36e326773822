// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/file_reader.h"

#include <endian.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

namespace capmon {
namespace {

struct Carried {
  CapabilitySet permitted;
  bool effective = false;
};

UniqueFd Open(const std::string& path, int flags) {
  return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC));
}

// A path as the container sees it: no link leads out.
UniqueFd OpenInside(const UniqueFd& root, const std::string& path, int flags) {
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(
      static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof(how))));
}

std::string PathOf(const UniqueFd& fd) { return fmt::format("/proc/self/fd/{}", fd.get()); }

bool IsFile(const UniqueFd& fd, uint32_t exe) {
  struct stat status = {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  return exe == 0 || static_cast<uint32_t>(status.st_ino) == exe;
}

// The user outside that is 0 in the process's user namespace; 0 when that is not known.
uint32_t RootOf(const std::string& process) {
  std::ifstream map(process + "/uid_map");
  for (uint64_t inside = 0, outside = 0, count = 0; map >> inside >> outside >> count;)
    if (inside == 0) return static_cast<uint32_t>(outside);
  return 0;
}

// Nothing when it cannot be read. The third version counts only in the user namespace of one user.
std::optional<Carried> ReadAttribute(const UniqueFd& fd, const std::string& process) {
  struct statvfs mount = {};
  if (::fstatvfs(fd.get(), &mount) == 0 && (mount.f_flag & ST_NOSUID) != 0) return Carried{};
  vfs_ns_cap_data raw = {};
  const ssize_t size = ::getxattr(PathOf(fd).c_str(), "security.capability", &raw, sizeof(raw));
  if (size < 0 && (errno == ENODATA || errno == EOPNOTSUPP)) return Carried{};
  if (size < static_cast<ssize_t>(XATTR_CAPS_SZ_1)) return std::nullopt;
  const uint32_t magic = le32toh(raw.magic_etc);
  const bool wide = size >= static_cast<ssize_t>(XATTR_CAPS_SZ_2);
  if (size >= static_cast<ssize_t>(XATTR_CAPS_SZ_3)) {
    const uint32_t owner = le32toh(raw.rootid);
    const uint32_t root = RootOf(process);
    if (owner != 0 && root != 0 && owner != root) return Carried{};
  }
  const uint64_t low = le32toh(raw.data[0].permitted);
  const uint64_t high = wide ? le32toh(raw.data[1].permitted) : 0;
  return Carried{CapabilitySet(low | high << 32), (magic & VFS_CAP_FLAGS_EFFECTIVE) != 0};
}

// The interpreter that a script names in its first line; "" when it is none.
std::string InterpreterOf(const UniqueFd& file) {
  const UniqueFd readable = Open(PathOf(file), O_RDONLY | O_NONBLOCK);
  char head[256] = {};
  const ssize_t size = readable ? ::read(readable.get(), head, sizeof(head) - 1) : -1;
  if (size < 3 || head[0] != '#' || head[1] != '!') return "";
  std::string line(head + 2);
  line = line.substr(0, line.find('\n'));
  std::string interpreter;
  std::istringstream(line) >> interpreter;
  return interpreter;
}

// The program itself, or what runs it when it is a script.
UniqueFd OpenProgram(const UniqueFd& root, const std::string& path, uint32_t exe) {
  if (!root) return UniqueFd();
  std::string name = path;
  for (int depth = 0; depth < 4 && !name.empty(); ++depth) {
    UniqueFd file = OpenInside(root, name, O_PATH);
    if (!IsFile(file, 0)) return UniqueFd();
    std::string interpreter = InterpreterOf(file);
    if (exe != 0 ? IsFile(file, exe) : interpreter.empty()) return file;
    name = std::move(interpreter);
  }
  return UniqueFd();
}

// `kept`: the container's root file system as it was found before.
std::optional<Carried> Read(const std::string& proc, const FileReader::Question& question,
                            const UniqueFd& kept) {
  const auto& [answer, pid, exe, first_pid, path, root] = question;
  const std::string process = fmt::format("{}/{}", proc, pid);
  const std::string first = first_pid == 0 ? "" : fmt::format("{}/{}/root", proc, first_pid);
  constexpr int kFolder = O_PATH | O_DIRECTORY;
  if (exe != 0)
    if (const UniqueFd file = Open(process + "/exe", O_PATH); IsFile(file, exe))
      if (auto carried = ReadAttribute(file, process)) return carried;
  const bool absolute = path.starts_with("/");
  for (const std::string& folder :
       {process + (absolute ? "/root" : "/cwd"), absolute ? first : "", absolute ? root : ""}) {
    if (folder.empty()) continue;
    const UniqueFd file = OpenProgram(Open(folder, kFolder), path, exe);
    if (!file) continue;
    if (auto carried = ReadAttribute(file, process)) return carried;
  }
  if (absolute && kept)
    if (const UniqueFd file = OpenProgram(kept, path, exe)) return ReadAttribute(file, process);
  return std::nullopt;
}

bool IsOurRoot(const UniqueFd& folder) {
  struct stat one = {}, own = {};
  return ::fstat(folder.get(), &one) == 0 && ::stat("/", &own) == 0 && one.st_dev == own.st_dev &&
         one.st_ino == own.st_ino;
}

// As a process of the initial user namespace sees it.
IdMap ReadUserMap(const std::string& process) {
  IdMap ids;
  std::ifstream map(process + "/uid_map");
  constexpr size_t kMaxLines = 340;
  for (IdRange range;
       ids.size() < kMaxLines && map >> range.inside >> range.outside >> range.count;)
    ids.push_back(range);
  return ids;
}

bool Known(const KernelEvent& answer) {
  const auto* const read = std::get_if<FileRead>(&answer);
  const auto* const refused = std::get_if<ExecRefused>(&answer);
  return read != nullptr ? read->known : refused != nullptr && refused->known;
}

template <typename Event>
void Fill(Event& event, const Carried& carried) {
  event.known = true;
  event.permitted = carried.permitted;
  event.effective = carried.effective;
}

}  // namespace

FileReader::FileReader(std::string proc)
    : proc_(std::move(proc)),
      ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](std::stop_token stop) { Work(std::move(stop)); }) {}

void FileReader::Want(const ProcessExec& exec, const std::string& root) {
  FileRead answer;
  answer.time = exec.time;
  answer.cgroup = exec.cgroup;
  answer.exe = exec.exe;
  answer.path = exec.path;
  Ask({std::move(answer), exec.pid, exec.exe, FirstOf(exec.cgroup), exec.path, root});
}

void FileReader::Want(const ExecRefused& refused, const std::string& root) {
  Ask({refused, refused.pid, 0, FirstOf(refused.cgroup), refused.path, root});
}

void FileReader::WantUserMap(const ProcessExec& exec) {
  UserMapRead answer;
  answer.time = exec.time;
  answer.cgroup = exec.cgroup;
  answer.userns_level = exec.userns_level;
  Ask({std::move(answer), exec.pid, 0, 0, "", ""});
}

bool FileReader::Await(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return done_.wait_for(lock, patience, [this] { return wanted_.empty() && !busy_; });
}

bool FileReader::HasAnswers() {
  const std::lock_guard lock(mutex_);
  return !answers_.empty();
}

void FileReader::Note(const ProcessExec& exec) {
  // A runtime's own stages end before the container starts.
  if (exec.exe_origin == ExeOrigin::kHost || exec.exe_origin == ExeOrigin::kNone ||
      exec.exe_origin == ExeOrigin::kMemory)
    return;
  if (first_pids_.size() >= kMaxNoted) first_pids_.clear();
  first_pids_.try_emplace(exec.cgroup, exec.pid);
}

void FileReader::NoteRuntime(const CheckSampled& sampled) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_.size() > kMaxWanted / 2) return;  // files come first
  }
  Ask({CgroupMade{sampled.time, sampled.key.cgroup, "", false}, sampled.pid, 0, 0, "", ""});
}

void FileReader::Forget(const CgroupRemoved& removed) {
  first_pids_.erase(removed.cgroup);
  Ask({removed, 0, 0, 0, "", ""});
}

uint32_t FileReader::FirstOf(CgroupId cgroup) const {
  const auto found = first_pids_.find(cgroup);
  return found == first_pids_.end() ? 0 : found->second;
}

void FileReader::Ask(Question question) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted_.size() < kMaxWanted) {
      wanted_.push_back(std::move(question));
      work_.notify_one();
      return;
    }
  }
  Deliver(std::move(question.answer));
}

void FileReader::Deliver(KernelEvent answer) {
  {
    const std::lock_guard lock(mutex_);
    busy_ = !wanted_.empty();
    if (!busy_) done_.notify_all();
    if (std::holds_alternative<CgroupMade>(answer) || std::holds_alternative<CgroupRemoved>(answer))
      return;
    if (const auto* map = std::get_if<UserMapRead>(&answer)) {
      if (map->ids.empty()) return;
    } else {
      ++(Known(answer) ? tally_.read : tally_.unread);
    }
    if (answers_.size() >= 4 * kMaxWanted) return;
    answers_.push_back(std::move(answer));
  }
  if (ready_) ::eventfd_write(ready_.get(), 1);
}

FileReader::Tally FileReader::tally() {
  const std::lock_guard lock(mutex_);
  return tally_;
}

std::vector<KernelEvent> FileReader::Take() {
  eventfd_t count = 0;
  if (ready_) ::eventfd_read(ready_.get(), &count);
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

void FileReader::Work(std::stop_token stop) {
  for (;;) {
    Question question;
    {
      std::unique_lock lock(mutex_);
      if (!work_.wait(lock, stop, [this] { return !wanted_.empty(); })) return;
      question = std::move(wanted_.front());
      wanted_.pop_front();
      busy_ = true;
    }
    Answer(question);
    Deliver(std::move(question.answer));
  }
}

void FileReader::Answer(Question& question) {
  if (const auto* removed = std::get_if<CgroupRemoved>(&question.answer)) {
    roots_.erase(removed->cgroup);
    return;
  }
  if (const auto* made = std::get_if<CgroupMade>(&question.answer)) {
    RootFor(made->cgroup, question);
    return;
  }
  if (auto* map = std::get_if<UserMapRead>(&question.answer)) {
    map->ids = ReadUserMap(fmt::format("{}/{}", proc_, question.pid));
    return;
  }
  static const UniqueFd kNone;
  auto* const read = std::get_if<FileRead>(&question.answer);
  auto* const refused = std::get_if<ExecRefused>(&question.answer);
  const auto carried =
      Read(proc_, question, read != nullptr ? RootFor(read->cgroup, question) : kNone);
  if (carried && read != nullptr) Fill(*read, *carried);
  if (carried && refused != nullptr) Fill(*refused, *carried);
}

const UniqueFd& FileReader::RootFor(CgroupId cgroup, const Question& question) {
  if (!roots_.contains(cgroup) && roots_.size() >= kMaxRoots) roots_.clear();
  UniqueFd& root = roots_[cgroup];
  for (const uint32_t pid : {question.pid, question.first_pid}) {
    if (root || pid == 0) continue;
    UniqueFd found = Open(fmt::format("{}/{}/root", proc_, pid), O_PATH | O_DIRECTORY);
    if (found && !IsOurRoot(found)) root = std::move(found);
  }
  return root;
}

}  // namespace capmon
