// SPDX-License-Identifier: Apache-2.0
#include "client/commands/minimize_bundle.h"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/output.h"
#include "client/commands/bundle_trials.h"
#include "client/commands/run_command.h"
#include "common/file_text.h"
#include "common/json.h"

namespace capmon {
namespace {

constexpr char kBindsLast[] =
    "the runs share the bind mounts (--share-volumes), so one without it may pass because of what "
    "an earlier one left there";

Lasting LastingInBundle(const MinimizeOptions& options) {
  Lasting lasting;
  if (options.share_volumes) AddLasting(AllCapabilities(), kBindsLast, lasting);
  AddLastingOnHost(lasting);
  return lasting;
}

}  // namespace

absl::StatusOr<int> MinimizeBundle(const Settings& settings, const MinimizeOptions& options) {
  const BlockedSignals signals;  // before other threads exist, which could receive them
  std::error_code error;
  const std::filesystem::path bundle = std::filesystem::canonical(options.bundle, error);
  if (error)
    return absl::NotFoundError(
        absl::StrCat("cannot read the bundle ", options.bundle, ": ", error.message()));
  const nlohmann::json config = ParseJson(TextOf(bundle / "config.json"));
  auto trials = BundleTrials::Prepare({.bundle = bundle.string(),
                                       .config = config,
                                       .runtime = options.runtime,
                                       .share_volumes = options.share_volumes,
                                       .check = options.check},
                                      signals);
  if (!trials.ok()) return trials.status();
  auto daemon = DaemonForSessions(settings, "minimize --oci");
  if (!daemon.ok()) return daemon.status();
  const auto run = [&](int number, std::optional<Confinement> set) {
    return trials->Run(*daemon, number, std::move(set));
  };

  PrintNotes({"first run, to learn: with what the bundle grants"});
  auto learning = run(0, std::nullopt);
  if (!learning.ok()) return learning.status();
  if (learning->interrupted_by != 0) return 128 + learning->interrupted_by;
  if (learning->run.state() == "failed")
    return absl::InvalidArgumentError(learning->run.complaint());
  Job job;
  job.subject = bundle.string();
  job.before = *std::move(learning);
  job.notes = trials->notes();
  job.lasting = LastingInBundle(options);
  job.run = run;
  return Minimize(job, options, settings);
}

}  // namespace capmon
