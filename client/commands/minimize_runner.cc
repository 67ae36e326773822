// SPDX-License-Identifier: Apache-2.0
#include "client/commands/minimize_runner.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/base/output.h"
#include "client/base/quoted.h"
#include "client/rpc/daemon.h"
#include "client/run/child_command.h"

namespace capmon {
namespace {

constexpr int kDone = 0, kNotDone = 1;

// What the command finds in CAPMON_KEEP.
std::string Keep(const std::optional<Confinement>& confinement) {
  if (!confinement) return "all";
  std::vector<std::string> names;
  for (const Capability c : confinement->keep.members()) names.push_back(ShortCapabilityName(c));
  return names.empty() ? "none" : absl::StrJoin(names, ",");
}

class Runner {
 public:
  Runner(Daemon& daemon, const BlockedSignals& signals, std::string command)
      : daemon_(daemon), signals_(signals), command_(std::move(command)) {}

  // Without a confinement the job gets everything.
  absl::StatusOr<TrialRun> Run(int number, const std::optional<Confinement>& confinement) {
    std::string reference;
    HelperTerms terms;
    terms.first_line = &reference;
    terms.environment = {
        {"CAPMON_RUN", std::to_string(number)},
        {"CAPMON_KEEP", Keep(confinement)},
        {"CAPMON_NO_NEW_PRIVILEGES", confinement && confinement->no_new_privileges ? "1" : "0"}};
    const auto result = RunHelper({"/bin/sh", "-c", command_}, signals_, terms);
    if (!result.ok()) return result.status();
    TrialRun trial;
    trial.interrupted_by = result->interrupted_by;
    if (trial.interrupted_by != 0) return trial;
    if (result->exit_code != kDone && result->exit_code != kNotDone)
      return absl::UnavailableError(
          absl::StrCat("the runner ended with exit status ", result->exit_code,
                       ", which means neither that the job was done (0) nor that it was not (1)"));
    trial.run.set_state("exited");
    trial.run.set_check(result->exit_code == kDone ? "passed" : "failed");
    return WithProfile(std::string(absl::StripAsciiWhitespace(reference)), std::move(trial));
  }

 private:
  absl::StatusOr<TrialRun> WithProfile(const std::string& reference, TrialRun trial) {
    if (reference.empty())
      return absl::UnavailableError(
          "the runner printed no reference to its container, like cgroup:/PATH");
    v1::GetProfileRequest request;
    request.set_container(reference);
    request.set_include_evidence(true);
    auto profile = daemon_.Call(&Daemon::Stub::GetProfile, request);
    if (!profile.ok())
      return absl::UnavailableError(
          absl::StrCat("there is no profile of ", Quoted(reference),
                       ", which the runner printed: ", profile.status().message()));
    trial.profile = *std::move(profile);
    return trial;
  }

  Daemon& daemon_;
  const BlockedSignals& signals_;
  const std::string command_;
};

}  // namespace

absl::StatusOr<int> MinimizeByRunner(const Settings& settings, const MinimizeOptions& options) {
  const BlockedSignals signals;  // before other threads exist, which could receive them
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  Runner runner(*daemon, signals, options.runner);

  PrintNotes({"first run, to learn: with everything"});
  auto learning = runner.Run(0, std::nullopt);
  if (!learning.ok()) return learning.status();
  if (learning->interrupted_by != 0) return 128 + learning->interrupted_by;
  Job job;
  job.subject = options.runner;
  job.before = *std::move(learning);
  job.run = [&](int number, const Confinement& confinement) {
    return runner.Run(number, confinement);
  };
  MinimizeOptions checked = options;
  checked.check.command = options.runner;  // its exit status
  return Minimize(job, checked, settings);
}

}  // namespace capmon
