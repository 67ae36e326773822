// SPDX-License-Identifier: Apache-2.0
#include "client/commands/minimize_container.h"

#include <unistd.h>

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
  absl::StatusOr<TrialRun> Run(int number, const Confinement& confinement) const {
    if (const int stopped = signals_.TakeStop(); stopped != 0) return Interrupted(stopped);
    EngineWatch watch(options_.docker_socket);
    TwinSettings like = Like(confinement);
    VolumeCopies copies(engine_, absl::StrCat("capmon-minimize-", ::getpid(), "-", number),
                        isolation_.owner);
    if (options_.copy_volumes) {
      const auto stopped = copies.Make(WritableMounts(original_.inspected), signals_);
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
  absl::StatusOr<TrialRun> RunTwin(int number, const nlohmann::json& settings) const {
    const auto id = engine_.Create(
        absl::StrCat(options_.container, "-capmon-minimize-", ::getpid(), "-", number), settings);
    if (!id.ok()) return id.status();
    const Twin twin(engine_, *id);
    return twin.Run(daemon_, signals_, options_.check);
  }

  Daemon& daemon_;
  const BlockedSignals& signals_;
  const DockerEngine& engine_;
  const Original& original_;
  const MinimizeOptions& options_;
  Isolation isolation_;
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
  const Twins twins(*daemon, signals, engine, *original, options);
  if (absl::Status cleaned = twins.Clean(); !cleaned.ok()) return cleaned;
  Job job;
  job.subject = options.container;
  job.before = {.run = RunOf(original->inspected), .profile = original->profile};
  job.notes = twins.Like({}).notes;
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
