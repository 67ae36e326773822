// SPDX-License-Identifier: Apache-2.0
#include "client/commands/run_command.h"

#include <unistd.h>

#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/base/exit_code.h"
#include "client/base/output.h"
#include "client/commands/document.h"
#include "client/render/profile.h"
#include "client/run/run_session.h"

namespace capmon {
namespace {

absl::Status PrintProfile(Daemon& daemon, const std::string& cgroup, const Settings& settings,
                          const RunOptions& options) {
  v1::GetProfileRequest request;
  request.set_strict_minimal(options.strict_minimal);
  request.set_include_evidence(settings.document());
  const auto profile = SessionProfile(daemon, cgroup, request);
  if (!profile.ok()) return profile.status();
  std::string text;
  if (settings.document()) {
    const auto document = Serialize(*profile, settings.format);
    if (!document.ok()) return document.status();
    text = *document;
  } else {
    std::ostringstream out;
    RenderProfile(out, *profile, settings);
    text = out.str();
  }
  return options.output.empty() ? Print(text) : WriteFile(options.output, text);
}

}  // namespace

absl::StatusOr<Daemon> DaemonForSessions(const Settings& settings, const std::string& verb) {
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  if (::geteuid() != 0)
    return absl::PermissionDeniedError(absl::StrCat(
        "capmon ", verb, " creates a cgroup for the command, which needs root; run it with sudo"));
  const auto alive = daemon->Call(&Daemon::Stub::GetStatus, v1::GetStatusRequest());
  if (!alive.ok()) return alive.status();
  return daemon;
}

absl::StatusOr<v1::Profile> SessionProfile(Daemon& daemon, const std::string& cgroup,
                                           v1::GetProfileRequest request) {
  request.set_container(absl::StrCat("cgroup:", cgroup));
  return daemon.Call(&Daemon::Stub::GetProfile, request);
}

absl::StatusOr<RunSession> NewSession(Daemon& daemon, const std::string& name) {
  auto session = RunSession::Create(name);
  if (!session.ok()) return session.status();
  // Any request makes capmond rescan at once; the answer is not used.
  const auto noted = SessionProfile(daemon, session->cgroup());
  if (noted.ok()) return session;
  if (absl::Status removed = session->Remove(); !removed.ok())
    PrintError(std::string(removed.message()));
  return noted.status();
}

absl::StatusOr<int> RunCommand(const Settings& settings, const RunOptions& options) {
  const BlockedSignals signals;  // before other threads exist, which could receive them
  auto daemon = DaemonForSessions(settings, "run");
  if (!daemon.ok()) return daemon.status();

  const auto session = NewSession(*daemon, options.command[0]);
  if (!session.ok()) return session.status();
  RunTerms terms;
  terms.signals = &signals;
  const auto result = session->Run(options.command, terms);
  absl::Status profiled;
  if (result.ok() && result->not_started.empty())
    profiled = PrintProfile(*daemon, session->cgroup(), settings, options);
  if (absl::Status removed = session->Remove(); !removed.ok())
    PrintError(std::string(removed.message()));

  if (!result.ok()) return result.status();
  if (!result->not_started.empty()) PrintError(result->not_started);
  if (result->exit_code == 0 && !profiled.ok()) return profiled;
  if (!profiled.ok() && !absl::IsCancelled(profiled)) PrintError(std::string(profiled.message()));
  return result->exit_code;
}

}  // namespace capmon
