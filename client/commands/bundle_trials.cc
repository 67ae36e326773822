// SPDX-License-Identifier: Apache-2.0
#include "client/commands/bundle_trials.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/commands/run_command.h"
#include "client/run/check_command.h"
#include "client/run/child_command.h"
#include "client/run/free_cgroup.h"
#include "client/run/run_session.h"
#include "common/file_text.h"
#include "common/json.h"

namespace capmon {
namespace {

constexpr char kRunDirectory[] = "/run";
constexpr char kName[] = "capmon_minimize";  // with numbers: capmon_minimize-3-1234

// Returns a name that says which process it belongs to; see AbandonedBy().
std::string OwnName(int number) { return absl::StrCat(kName, "-", number, "-", ::getpid()); }

// The directory of a killed capmon: the content vanished with that.
void RemoveAbandonedDirectories() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(kRunDirectory, error))
    if (AbandonedBy(entry.path().filename(), kName) != 0) ::rmdir(entry.path().c_str());
}

BundleTwin TwinOf(const BundleTerms& terms, const std::string& root, const std::string& id,
                  std::optional<Confinement> set) {
  return {.bundle = terms.bundle,
          .root = root,
          .cgroup = "/" + id,
          .share_volumes = terms.share_volumes,
          .set = std::move(set)};
}

v1::VerifiedRun NotStarted(const BundleTerms& terms, int exit_code) {
  v1::VerifiedRun run;
  run.set_state("failed");
  run.set_exit_code(exit_code);
  run.set_complaint(absl::StrCat(terms.runtime, " could not run the container, exit status ",
                                 exit_code, "; its message is above"));
  return run;
}

}  // namespace

// The container while it exists, and the check of its job.
class BundleContainer {
 public:
  BundleContainer(const BundleTerms& terms, const BlockedSignals& signals, std::string place,
                  std::string id)
      : terms_(terms), signals_(signals), place_(std::move(place)), id_(std::move(id)) {}
  ~BundleContainer() { Remove(); }
  BundleContainer(const BundleContainer&) = delete;
  BundleContainer& operator=(const BundleContainer&) = delete;

  // Returns when it has ended. `created` is called before its program starts.
  absl::StatusOr<CommandResult> Run(const std::function<absl::Status()>& created) {
    auto result = Runtime({"create", "--bundle", place_, "--pid-file", place_ + "/pid", id_});
    if (!result.ok() || result->exit_code != 0 || result->interrupted_by != 0) return result;
    if (absl::Status status = created(); !status.ok()) return status;
    result = Runtime({"start", id_});
    if (!result.ok() || result->exit_code != 0) return result;
    pid_t first = 0;
    started_ = absl::SimpleAtoi(TextOf(place_ + "/pid"), &first) && first > 0;
    if (!started_) return result;
    WaitForChild(
        first, signals_, [&] { return Enough(result->interrupted_by != 0); }, *result);
    return result;
  }
  // Returns the signal that capmon got meanwhile, or 0.
  int Remove() {
    if (std::exchange(removed_, true)) return 0;
    KillCgroup(cgroup());
    const auto result = Runtime({"delete", "--force", id_});
    RemoveCgroup(cgroup());
    return result.ok() ? result->interrupted_by : 0;
  }
  std::string cgroup() const { return "/" + id_; }
  bool started() const { return started_; }
  CheckCommand& check() {
    if (!check_)
      check_.emplace(terms_.check.command, std::chrono::seconds(terms_.check.timeout),
                     std::map<std::string, std::string>{
                         {"CAPMON_TWIN", id_}, {"CAPMON_TWIN_PID", TextOf(place_ + "/pid")}},
                     CheckTerms{.after = std::chrono::seconds(terms_.check.after),
                                .repeat = terms_.check.repeat});
    return *check_;
  }

 private:
  absl::StatusOr<CommandResult> Runtime(const std::vector<std::string>& arguments) const {
    std::vector<std::string> line = {terms_.runtime, "--root", place_ + "/state"};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return RunHelper(line, signals_, {});
  }
  // A first process may ignore signals, so the container is killed.
  bool Enough(bool interrupted) {
    bool over = interrupted;
    if (!over && !terms_.check.command.empty()) {
      check().Try();
      over = check().expired();
    }
    if (over) KillCgroup(cgroup());
    return over;
  }

  const BundleTerms& terms_;
  const BlockedSignals& signals_;
  const std::string place_;
  const std::string id_;  // and the name of its cgroup
  std::optional<CheckCommand> check_;
  bool started_ = false;
  bool removed_ = false;
};

absl::StatusOr<BundleTrials> BundleTrials::Prepare(BundleTerms terms,
                                                   const BlockedSignals& signals) {
  auto original = ConfigOfTwin(terms.config, TwinOf(terms, "", "", std::nullopt));
  if (!original.ok()) return original.status();
  BundleTrials trials(std::move(terms), signals);
  trials.original_root_ = std::move(original->original_root);
  trials.notes_ = std::move(original->notes);
  RemoveAbandonedDirectories();
  auto made = PrivateDirectory::Make(absl::StrCat(kRunDirectory, "/", OwnName(0)));
  if (!made.ok()) return made.status();
  trials.directory_ = *std::move(made);
  // A container's first process becomes a child of this one when the runtime ends, so that its exit
  // status can be read.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
    return absl::InternalError("cannot become the parent of containers");
  RemoveAbandonedCgroups(kName);
  return trials;
}

absl::StatusOr<TrialRun> BundleTrials::Run(Daemon& daemon, int number,
                                           std::optional<Confinement> set) const {
  const std::string id = OwnName(number);
  const std::string place = absl::StrCat(kRunDirectory, "/", OwnName(0), "/", id);
  const WritableCopy copy(original_root_, place);
  if (!copy.status().ok()) return copy.status();
  const auto twin = ConfigOfTwin(terms_.config, TwinOf(terms_, copy.path(), id, std::move(set)));
  if (!twin.ok()) return twin.status();
  return RunIn(daemon, place, id, twin->config);
}

absl::StatusOr<TrialRun> BundleTrials::RunIn(Daemon& daemon, const std::string& place,
                                             const std::string& id,
                                             const nlohmann::json& config) const {
  const absl::Status written = WriteFile(
      place + "/config.json", config.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (!written.ok()) return written;
  BundleContainer container(terms_, signals_, place, id);
  auto trial = Watch(daemon, container);
  if (const int late = container.Remove(); trial.ok() && late != 0) trial->interrupted_by = late;
  return trial;
}

absl::StatusOr<TrialRun> BundleTrials::Watch(Daemon& daemon, BundleContainer& container) const {
  const auto profile_of = [&](const v1::GetProfileRequest& request) {
    return SessionProfile(daemon, PathAsCapmondSees(container.cgroup()), request);
  };
  // Any request makes capmond rescan at once, so that the first system call is watched.
  const auto result = container.Run([&] { return profile_of({}).status(); });
  if (!result.ok()) return result.status();
  TrialRun trial;
  trial.interrupted_by = result->interrupted_by;
  if (trial.interrupted_by != 0) return trial;
  trial.run = NotStarted(terms_, result->exit_code);
  if (!container.started()) return trial;
  CheckCommand& check = container.check();
  if (check.given() && !result->stopped) check.Conclude();
  trial.run.clear_complaint();
  trial.run.set_state(result->stopped ? "stopped" : "exited");
  trial.unsteady = check.unsteady();
  if (check.given()) trial.run.set_check(check.passed() ? "passed" : "failed");
  v1::GetProfileRequest request;
  request.set_include_evidence(true);
  auto profile = profile_of(request);
  if (!profile.ok()) return profile.status();
  trial.profile = *std::move(profile);
  return trial;
}

}  // namespace capmon
