// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/reading_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace capmon {
namespace {

using std::chrono::milliseconds;

struct Ends {
  UniqueFd ours, theirs;
};

absl::StatusOr<Ends> MakeSocket() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return absl::ErrnoToStatus(errno, "make a socket for the process that reads files");
  return Ends{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

bool Send(int socket, const std::string& message) {
  return ::send(socket, message.data(), message.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(message.size());
}

// Nothing when the other side has ended.
std::optional<std::string> Receive(int socket) {
  std::string message(kMaxMessage, '\0');
  ssize_t size = 0;
  do size = ::recv(socket, message.data(), message.size(), 0);
  while (size < 0 && errno == EINTR);
  if (size <= 0) return std::nullopt;
  message.resize(static_cast<size_t>(size));
  return message;
}

// Becomes a process that holds one descriptor of its parent's, and ends with it.
UniqueFd LiveApart(const UniqueFd& socket, const char* name, pid_t parent) {
  constexpr int kSocket = STDERR_FILENO + 1;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  ::prctl(PR_SET_NAME, name);
  if (socket.get() != kSocket) ::dup2(socket.get(), kSocket);
  ::close_range(kSocket + 1, ~0U, 0);
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (!null || ::dup2(null.get(), fd) < 0) ::close(fd);
  return UniqueFd(kSocket);
}

// What it takes to look at the files of other users' processes.
void DropOtherCapabilities() {
  const cap_t own = cap_get_proc(), reduced = cap_init();
  constexpr std::array<cap_value_t, 2> kNeeded = {CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE};
  for (const cap_value_t capability : kNeeded) {
    cap_flag_value_t held = CAP_CLEAR;
    if (cap_get_flag(own, capability, CAP_PERMITTED, &held) != 0 || held == CAP_CLEAR) continue;
    for (const cap_flag_t set : {CAP_PERMITTED, CAP_EFFECTIVE})
      cap_set_flag(reduced, set, 1, &capability, CAP_SET);
  }
  cap_set_proc(reduced);
  cap_free(own);
  cap_free(reduced);
}

// The reply is its head and the answer.
struct ReplyHead {
  ReadingProcess::State state = ReadingProcess::State::kAnswered;
  uint32_t hanging = 0;
  std::array<CgroupId, ReadingProcess::kMaxHanging> cgroups = {};
};

class Supervisor {
 public:
  Supervisor(UniqueFd socket, const ReadingProcess::Answerer& answerer, milliseconds patience)
      : socket_(std::move(socket)), answerer_(answerer), patience_(patience) {}

  [[noreturn]] void Run() {
    while (const auto question = Receive(socket_.get())) {
      ForgetEnded();
      FileAnswer answer;
      const ReadingProcess::State state = Answer(*question, answer);
      ReplyHead head{state, static_cast<uint32_t>(hanging_.size()), {}};
      for (size_t i = 0; i < hanging_.size(); ++i) head.cgroups[i] = hanging_[i].cgroup;
      if (!Send(socket_.get(),
                std::string(reinterpret_cast<const char*>(&head), sizeof(head)) + Encode(answer)))
        break;
    }
    ::_exit(0);
  }

 private:
  struct Hanging {
    pid_t pid;
    CgroupId cgroup;
  };

  ReadingProcess::State Answer(const std::string& message, FileAnswer& answer) {
    const auto question = DecodeQuestion(message);
    if (!question || question->kind == FileQuestion::Kind::kNothing)
      return ReadingProcess::State::kAnswered;
    if (worker_ < 0 && (hanging_.size() >= ReadingProcess::kMaxHanging || !Fork()))
      return ReadingProcess::State::kFull;
    pollfd readable{orders_.get(), POLLIN, 0};
    const bool sent = Send(orders_.get(), message);
    const int ready = sent ? ::poll(&readable, 1, static_cast<int>(patience_.count())) : 1;
    const auto reply = ready > 0 ? Receive(orders_.get()) : std::nullopt;
    const auto decoded = reply ? DecodeAnswer(*reply) : std::nullopt;
    if (decoded) answer = *decoded;
    if (!decoded) EndWorker(question->cgroup);
    return ready > 0 ? ReadingProcess::State::kAnswered : ReadingProcess::State::kHung;
  }

  bool Fork() {
    auto ends = MakeSocket();
    if (!ends.ok()) return false;
    const pid_t parent = ::getpid();
    worker_ = ::fork();
    if (worker_ == 0) Work(LiveApart(ends->theirs, "capmon-file", parent));
    if (worker_ > 0) orders_ = std::move(ends->ours);
    return worker_ > 0;
  }

  [[noreturn]] void Work(UniqueFd socket) {
    DropOtherCapabilities();
    while (const auto message = Receive(socket.get())) {
      const auto question = DecodeQuestion(*message);
      if (!Send(socket.get(), Encode(question ? answerer_(*question) : FileAnswer()))) break;
    }
    ::_exit(0);
  }

  // A process that waits for a file system may be beyond SIGKILL.
  void EndWorker(CgroupId cgroup) {
    constexpr int kLooks = 20;
    constexpr useconds_t kBetween = 5'000;
    ::kill(worker_, SIGKILL);
    orders_.Reset();
    const pid_t pid = std::exchange(worker_, -1);
    for (int look = 0; look < kLooks; ++look) {
      if (::waitpid(pid, nullptr, WNOHANG) != 0) return;
      ::usleep(kBetween);
    }
    hanging_.push_back({pid, cgroup});
  }

  void ForgetEnded() {
    std::erase_if(hanging_, [](const Hanging& hanging) {
      return ::waitpid(hanging.pid, nullptr, WNOHANG) != 0;
    });
  }

  const UniqueFd socket_;
  const ReadingProcess::Answerer& answerer_;
  const milliseconds patience_;
  pid_t worker_ = -1;
  UniqueFd orders_;
  std::vector<Hanging> hanging_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ReadingProcess>> ReadingProcess::Start(Answerer answerer,
                                                                      milliseconds patience) {
  auto ends = MakeSocket();
  if (!ends.ok()) return ends.status();
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "fork the process that reads files");
  if (pid == 0)
    Supervisor(LiveApart(ends->theirs, "capmon-files", parent), answerer, patience).Run();
  // The supervisor itself never hangs; should it, files are unread and capmond goes on.
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(patience).count() + 10;
  const timeval timeout{.tv_sec = limit, .tv_usec = 0};
  ::setsockopt(ends->ours.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  return std::unique_ptr<ReadingProcess>(new ReadingProcess(pid, std::move(ends->ours)));
}

ReadingProcess::~ReadingProcess() {
  ::kill(supervisor_, SIGKILL);  // the kernel then ends the worker
  ::waitpid(supervisor_, nullptr, 0);
}

ReadingProcess::Reply ReadingProcess::Ask(const FileQuestion& question) {
  Reply reply;
  if (!Send(socket_.get(), Encode(question))) return reply;
  const auto message = Receive(socket_.get());
  ReplyHead head;
  if (!message || message->size() < sizeof(head)) {
    End();  // an answer that came later would be taken for the next question's
    return reply;
  }
  std::memcpy(&head, message->data(), sizeof(head));
  reply.state = head.state;
  if (const auto answer = DecodeAnswer(message->substr(sizeof(head)))) reply.answer = *answer;
  reply.hanging.assign(head.cgroups.begin(),
                       head.cgroups.begin() + std::min<size_t>(head.hanging, kMaxHanging));
  return reply;
}

void ReadingProcess::End() { ::shutdown(socket_.get(), SHUT_RDWR); }

}  // namespace capmon
