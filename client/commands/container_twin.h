// SPDX-License-Identifier: Apache-2.0
// A container of Docker, and a second one like it that exists for one run.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "client/commands/trial.h"
#include "client/rpc/daemon.h"
#include "client/run/blocked_signals.h"
#include "client/run/docker_engine.h"

namespace capmon {

struct Original {
  nlohmann::json inspected;
  v1::Profile profile;  // with evidence
};

absl::StatusOr<Original> FindOriginal(Daemon& daemon, const DockerEngine& engine,
                                      const std::string& name);
v1::VerifiedRun RunOf(const nlohmann::json& inspected);
// Returns a clause with the remedy if nothing is known of what the container does not need; else
// "".
std::string WhyNothingIsKnown(const v1::Profile& profile);

// Returns whether the check passes although the container of this id is gone: then it reaches
// another one, or what that one left behind.
bool PassesWithoutTwin(const std::string& id, const TrialCheck& terms);

// Exists in the engine as long as this object.
class Twin {
 public:
  Twin(const DockerEngine& engine, std::string id) : engine_(engine), id_(std::move(id)) {}
  ~Twin();
  Twin(const Twin&) = delete;
  Twin& operator=(const Twin&) = delete;

  // Runs until the container ends, the time is over or a signal arrives, which sets
  // `interrupted_by`. The state of the run is "failed", without a profile, if the container could
  // not be started for a reason that may be its set. UNAVAILABLE for other reasons.
  absl::StatusOr<TrialRun> Run(Daemon& daemon, const BlockedSignals& signals,
                               const TrialCheck& check) const;

 private:
  const DockerEngine& engine_;
  const std::string id_;
};

}  // namespace capmon
