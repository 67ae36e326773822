// SPDX-License-Identifier: Apache-2.0
#include "client/commands/record_command.h"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/base/exit_code.h"
#include "client/base/terminal_style.h"
#include "client/base/text.h"
#include "client/commands/show.h"
#include "client/render/profile.h"
#include "client/rpc/daemon.h"
#include "client/rpc/reference.h"
#include "client/run/blocked_signals.h"

namespace capmon {
namespace {

using Clock = RecordProgress::Clock;

constexpr std::chrono::milliseconds kBetween{1000};
constexpr std::chrono::seconds kBetweenLines{
    60};  // where nothing changes and nothing is overwritten

// A line that is overwritten on a terminal, lines elsewhere; on standard error.
class ProgressLines {
 public:
  explicit ProgressLines(bool terminal) : terminal_(terminal) {}
  ~ProgressLines() {
    if (open_) (void)Write(STDERR_FILENO, "\n");
  }

  void Show(RecordProgress& progress, Clock::time_point now) {
    const bool news = progress.TakeNews();
    if (!terminal_ && !news && now - shown_ < kBetweenLines) return;
    shown_ = now;
    const std::string line = Printable(progress.Line(now));
    if (!terminal_) {
      (void)Write(STDERR_FILENO, line + "\n");
      return;
    }
    // Erases the rest of the line: the one before may have been longer.
    (void)Write(STDERR_FILENO, absl::StrCat("\r", Fitting(line), "\x1b[K"));
    open_ = true;
  }

 private:
  // What is longer than a line would leave its beginning behind.
  static std::string Fitting(const std::string& line) {
    const size_t width = TerminalStyleOf({}).width;
    if (width < 2 || Width(line) < width) return line;
    return Wrapped(line, width - 2)[0];
  }

  const bool terminal_;
  bool open_ = false;
  Clock::time_point shown_;
};

absl::StatusOr<v1::Profile> Ask(Daemon& daemon, const std::string& container,
                                const RecordOptions& options) {
  v1::GetProfileRequest request;
  request.set_container(container);
  request.set_stable_after_seconds(static_cast<uint32_t>(options.until_stable.count()));
  return daemon.Call(&Daemon::Stub::GetProfile, request);
}

absl::Status PrintProfile(const Settings& settings, const v1::Profile& profile) {
  return Show(profile, settings, [&](std::ostream& out) { RenderProfile(out, profile, settings); });
}

bool IsStop(const std::optional<siginfo_t>& signal) {
  return signal && std::ranges::find(BlockedSignals::kStops, signal->si_signo) !=
                       BlockedSignals::kStops.end();
}

}  // namespace

absl::StatusOr<int> Record(const Settings& settings, const RecordOptions& options) {
  const BlockedSignals signals;  // before there are threads that could get them instead
  const auto container = ResolveReference(options.reference);
  if (!container.ok()) return container.status();
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  auto profile = Ask(*daemon, *container, options);
  if (!profile.ok()) return profile.status();

  const Clock::time_point started = Clock::now();
  RecordProgress progress(started);
  {
    ProgressLines lines(::isatty(STDERR_FILENO) != 0);
    while (true) {
      const Clock::time_point now = Clock::now();
      progress.Take(*profile, now);
      lines.Show(progress, now);
      const bool over = options.most.count() > 0 && now - started >= options.most;
      if (progress.stable() || over || IsStop(signals.Next(kBetween))) break;
      auto next = Ask(*daemon, *container, options);
      // Between two instances of one name there may be none; what is known stays.
      if (absl::IsNotFound(next.status()) || absl::IsFailedPrecondition(next.status())) continue;
      if (!next.ok()) return next.status();
      profile = *std::move(next);
    }
  }
  if (absl::Status printed = PrintProfile(settings, *profile); !printed.ok()) return printed;
  return progress.stable() ? kExitOk : kExitIncomplete;
}

}  // namespace capmon
