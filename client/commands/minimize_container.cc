// SPDX-License-Identifier: Apache-2.0
#include "client/commands/minimize_container.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/commands/compose_container.h"
#include "client/commands/container_twin.h"
#include "client/run/docker_twin.h"
#include "client/run/engine_watch.h"
#include "client/run/twin_isolation.h"
#include "client/run/twin_owner.h"
#include "client/run/volume_copies.h"
#include "common/json.h"

namespace capmon {
namespace {

constexpr char kSharedLasts[] =
    "the runs share the volumes (--share-volumes), so one without it may pass because of what an "
    "earlier one left there; --copy-volumes gives each its own";
constexpr char kVolumesLast[] =
    "the volumes have what earlier starts of the container did with it, so a run without it may "
    "pass because of that";
constexpr char kHostLasts[] =
    "the container shares a namespace or has devices of this machine, so a run without it may pass "
    "because of what an earlier one changed there";
// What a twin finds of earlier starts.
Lasting LastingInVolumes(const nlohmann::json& inspected, const MinimizeOptions& options) {
  Lasting lasting;
  const bool finds =
      options.copy_volumes ? !WritableMounts(inspected).empty() : TwinsFindWhatItWrote(inspected);
  // Any capability can be what a file was made with.
  if (finds)
    AddLasting(AllCapabilities(), options.share_volumes ? kSharedLasts : kVolumesLast, lasting);
  if (SharesTheMachine(inspected)) AddLasting(AllCapabilities(), kHostLasts, lasting);
  AddLastingOnHost(lasting);
  return lasting;
}

class Twins {
 public:
  Twins(Daemon& daemon, const BlockedSignals& signals, const DockerEngine& engine,
        const Original& original, const MinimizeOptions& options)
      : daemon_(daemon),
        signals_(signals),
        engine_(engine),
        original_(original),
        options_(options) {
    const auto& seen = original.profile.surroundings();
    isolation_ = {.owner = OwnerOfTwins(),
                  .share_volumes = options.share_volumes,
                  .copy_volumes = options.copy_volumes,
                  .surroundings = {seen.begin(), seen.end()}};
  }
  // Removes what remains, also of processes that were killed.
  ~Twins() {
    snapshot_.reset();
    if (absl::Status removed = Clean(); !removed.ok()) PrintError(std::string(removed.message()));
  }
  Twins(const Twins&) = delete;
  Twins& operator=(const Twins&) = delete;

  absl::Status Clean() const { return RemoveTwins(engine_, TextAt(original_.inspected, {"Id"})); }
  TwinSettings Like(const Confinement& confinement) const {
    TwinSettings like = SettingsForTwin(original_.inspected, confinement);
    Isolate(original_.inspected, isolation_, like);
    return like;
  }
  absl::StatusOr<TrialRun> Run(int number, const Confinement& confinement) {
    if (const int stopped = signals_.TakeStop(); stopped != 0) return Interrupted(stopped);
    EngineWatch watch(options_.docker_socket);
    TwinSettings like = Like(confinement);
    VolumeCopies copies(engine_, NameOfVolumes(absl::StrCat(number)), isolation_.owner);
    if (options_.copy_volumes) {
      const auto stopped = Copy(copies);
      if (!stopped.ok()) return stopped.status();
      if (*stopped != 0) return Interrupted(*stopped);
      MountCopies(original_.inspected, copies.volume_at(), like.body);
    }
    auto trial = RunTwin(number, like.body);
    // A twin that ended with its engine shows nothing about its set.
    if (trial.ok() && trial->interrupted_by == 0 && watch.Ended())
      return absl::UnavailableError(absl::StrCat("the engine at ", options_.docker_socket,
                                                 " ended or was restarted during the run"));
    return trial;
  }

 private:
  static TrialRun Interrupted(int signal) {
    TrialRun trial;
    trial.interrupted_by = signal;
    return trial;
  }
  static std::string NameOfVolumes(const std::string& which) {
    return absl::StrCat("capmon-minimize-", ::getpid(), "-", which);
  }
  // All runs begin with what the volumes had before the first one: the original goes on writing.
  absl::StatusOr<int> Copy(VolumeCopies& copies) {
    if (!snapshot_) {
      snapshot_.emplace(engine_, NameOfVolumes("first"), isolation_.owner);
      auto stopped = snapshot_->Make(WritableMounts(original_.inspected), signals_);
      if (!stopped.ok() || *stopped != 0) return stopped;
    }
    return copies.Make(snapshot_->made(), signals_);
  }
  absl::StatusOr<TrialRun> RunTwin(int number, const nlohmann::json& settings) {
    const auto id = engine_.Create(
        absl::StrCat(options_.container, "-capmon-minimize-", ::getpid(), "-", number), settings);
    if (!id.ok()) return id.status();
    auto trial = [&] {
      const Twin twin(engine_, *id);
      return twin.Run(daemon_, signals_, options_.check);
    }();
    const bool passed = trial.ok() && trial->run.check() == "passed" && !trial->unsteady;
    if (passed && !std::exchange(passed_once_, true))
      trial->checks_nothing = PassesWithoutTwin(*id, options_.check);
    return trial;
  }

  Daemon& daemon_;
  const BlockedSignals& signals_;
  const DockerEngine& engine_;
  const Original& original_;
  const MinimizeOptions& options_;
  Isolation isolation_;
  std::optional<VolumeCopies> snapshot_;
  bool passed_once_ = false;
};

}  // namespace

absl::StatusOr<int> MinimizeService(const Settings& settings, const MinimizeOptions& options) {
  const auto name = FindComposeContainer(DockerEngine(options.docker_socket),
                                         options.service.front(), options.service.back());
  if (!name.ok()) return name.status();
  MinimizeOptions found = options;
  found.container = *name;
  return MinimizeContainer(settings, found);
}

absl::StatusOr<int> MinimizeContainer(const Settings& settings, const MinimizeOptions& options) {
  const BlockedSignals signals;  // before other threads exist, which could receive them
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  const DockerEngine engine(options.docker_socket);
  const auto original = FindOriginal(*daemon, engine, options.container);
  if (!original.ok()) return original.status();
  if (const std::string why = WhyNothingIsKnown(original->profile); !why.empty())
    return absl::DataLossError("nothing to begin with: " + why);

  if (absl::Status able = MayBeCopied(WritableMounts(original->inspected));
      options.copy_volumes && !able.ok())
    return able;
  Twins twins(*daemon, signals, engine, *original, options);
  if (absl::Status cleaned = twins.Clean(); !cleaned.ok()) return cleaned;
  Job job;
  job.subject = options.container;
  job.before = {.run = RunOf(original->inspected), .profile = original->profile};
  job.notes = twins.Like({}).notes;
  job.lasting = LastingInVolumes(original->inspected, options);
  job.run = [&](int number, const Confinement& confinement) {
    return twins.Run(number, confinement);
  };
  job.record = [&](v1::RecordProofsRequest proofs) -> absl::StatusOr<std::string> {
    proofs.set_container(TextAt(original->inspected, {"Id"}));
    const auto recorded = daemon->Call(&Daemon::Stub::RecordProofs, proofs);
    if (!recorded.ok()) return recorded.status();
    return recorded->workload();
  };
  return Minimize(job, options, settings);
}

}  // namespace capmon
