// SPDX-License-Identifier: Apache-2.0
// Runs the container of an OCI bundle several times, each time with a copy of its root file system
// and a cgroup of its own.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/commands/trial.h"
#include "client/rpc/daemon.h"
#include "client/run/blocked_signals.h"
#include "client/run/confinement.h"
#include "client/run/oci_bundle.h"
#include "client/run/private_mounts.h"

namespace capmon {

struct BundleTerms {
  std::string bundle = {};  // the directory, absolute
  nlohmann::json config = {};
  std::string runtime = {};  // "runc", or another one with its command line
  bool share_volumes = false;
  TrialCheck check = {};
};

class BundleContainer;  // one that exists

class BundleTrials {
 public:
  // Changes the mount namespace of this thread, so it comes before others are started. Kills what
  // a killed capmon left running, and removes its directory. `signals` has to outlive the object.
  static absl::StatusOr<BundleTrials> Prepare(BundleTerms terms, const BlockedSignals& signals);

  // With the bundle's own set if that is unset.
  absl::StatusOr<TrialRun> Run(Daemon& daemon, int number, std::optional<Confinement> set) const;
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  BundleTrials(BundleTerms terms, const BlockedSignals& signals)
      : terms_(std::move(terms)), signals_(signals) {}
  absl::StatusOr<TrialRun> RunIn(Daemon& daemon, const std::string& place, const std::string& id,
                                 const nlohmann::json& config) const;
  absl::StatusOr<TrialRun> Watch(Daemon& daemon, BundleContainer& container) const;

  BundleTerms terms_;
  const BlockedSignals& signals_;
  std::string original_root_;
  std::vector<std::string> notes_;
  std::unique_ptr<PrivateDirectory> directory_;
};

}  // namespace capmon
