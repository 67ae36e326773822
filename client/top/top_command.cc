// SPDX-License-Identifier: Apache-2.0
#include "client/top/top_command.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/base/exit_code.h"
#include "client/rpc/container_key.h"
#include "client/top/details.h"
#include "client/top/fetcher.h"
#include "client/top/terminal.h"
#include "client/top/view.h"

namespace capmon {
namespace {

// Signals are blocked in every thread and read here: a handler could run in a thread of gRPC.
UniqueFd BlockedSignalsAsFile() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP})
    ::sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

class Session {
 public:
  Session(Terminal& terminal, Fetcher& fetcher, int signals, bool ascii)
      : terminal_(terminal), fetcher_(fetcher), signals_(signals), view_(ascii) {}

  // Runs until a key, a signal or the end of the terminal.
  void Run() {
    while (true) {
      const v1::Container* const wanted = view_.wanted();
      fetcher_.Want(wanted == nullptr ? "" : ReferenceTo(*wanted));
      terminal_.Draw(view_.Draw(terminal_.size()));
      pollfd files[] = {
          {STDIN_FILENO, POLLIN, 0}, {signals_, POLLIN, 0}, {fetcher_.fd(), POLLIN, 0}};
      if (::poll(files, std::size(files), -1) < 0 && errno != EINTR) return;
      if ((files[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return;
      if (files[1].revents != 0 && !TakeSignals()) return;
      if (files[0].revents != 0 && !TakeKeys()) return;
      if (files[2].revents != 0) TakeNews();
    }
  }

 private:
  bool TakeSignals() {
    signalfd_siginfo signal = {};
    while (::read(signals_, &signal, sizeof(signal)) == sizeof(signal)) {
      if (signal.ssi_signo == SIGWINCH)
        terminal_.Resize();
      else if (signal.ssi_signo == SIGTSTP)
        terminal_.Suspend();
      else
        return false;
    }
    return true;
  }

  bool TakeKeys() {
    while (true) {
      const Typed typed = terminal_.Read(view_.typing());
      if (!typed.letter.empty())
        view_.Type(typed.letter);
      else if (typed.key == Key::kNone)
        return true;
      else if (!view_.Press(typed.key, terminal_.size()))
        return false;
    }
  }

  void TakeNews() {
    const Fetcher::News news = fetcher_.Take();
    if (news.containers) view_.Show(*news.containers);
    if (news.profile) view_.ShowDetails(DetailLines(*news.profile, terminal_.size().columns));
    view_.SetBanner(news.complaint.empty() ? "" : absl::StrCat("capmond: ", news.complaint));
  }

  Terminal& terminal_;
  Fetcher& fetcher_;
  const int signals_;
  TopView view_;
};

}  // namespace

absl::Status Top(const Settings& settings, const TopOptions& options,
                 const TerminalStyleOptions& style) {
  const UniqueFd signals = BlockedSignalsAsFile();
  const auto reachable = Daemon::Connect(settings.address);
  if (!reachable.ok()) return reachable.status();
  const TerminalStyle drawn = TerminalStyleOf(style);
  auto terminal = Terminal::Open(drawn.colour);
  if (!terminal.ok()) return terminal.status();
  Fetcher fetcher(settings, options.all,
                  std::chrono::milliseconds(static_cast<int64_t>(options.interval * 1000)));
  std::thread([&] { fetcher.Run(); }).detach();
  Session(**terminal, fetcher, signals.get(), drawn.ascii).Run();
  terminal->reset();
  ::_exit(kExitOk);  // the other thread may wait for an answer for seconds
}

}  // namespace capmon
