// SPDX-License-Identifier: Apache-2.0
// `capmon minimize`: searches for the smallest set by running a job again; what a command and a
// container have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/settings.h"
#include "client/commands/trial.h"
#include "client/minimize/lasting.h"
#include "client/minimize/search.h"
#include "client/run/confinement.h"

namespace capmon {

struct MinimizeOptions {
  std::vector<std::string> command;
  std::string container;             // instead of a command; see minimize_container.h
  std::string runner;                // likewise; see minimize_runner.h
  std::string bundle;                // likewise; see minimize_bundle.h
  std::string runtime = "runc";      // runs bundles
  std::vector<std::string> service;  // likewise: a Compose file, and the name of a service in it
  std::string plan = {};      // "k8s": only prints a plan, for the container that `command` names
  std::string without = {};   // a list: what a plan leaves out from the beginning
  std::string docker_socket;  // as given; "": see DockerSocket()
  TrialCheck check = {.repeat = 10};
  std::string before = {};  // for sh, before each run of a command; "" for none
  int repeat = 0;           // 0: by default 3 with a check, and 6 without
  int max_runs = 12;
  bool only_doubtful = false;  // what is required is not tried
  bool dry_run = false;
  bool share_volumes = false;
  bool copy_volumes = false;
  bool record = true;     // what was found, in capmond
  std::string emit = {};  // "programs": rows for the table of programs, instead of the result
};

// A job that can be run again.
struct Job {
  std::string subject;             // the command line, or the container
  TrialRun before;                 // the run that was observed, with its profile
  std::vector<std::string> notes;  // limits of the runs
  Lasting lasting = {};            // what a run leaves for the next one
  // Records what was found, for the workload that the job is of; returns its name. Not set: for
  // none.
  std::function<absl::StatusOr<std::string>(v1::RecordProofsRequest)> record = {};
  // Runs it under a set; `number` counts from 1.
  std::function<absl::StatusOr<TrialRun>(int number, const Confinement& confinement)> run;
};

// Returns what a run showed, compared with the one before. Without a check, a job has failed if it
// is newly denied one of the capabilities in `watched`.
TrialResult ResultOf(const TrialRun& before, const TrialRun& now, CapabilitySet watched);

// Searches, prints progress on standard error and the result, and returns kExitOk;
// kExitIncomplete: --max-runs left something untried; kExitDifference: nothing could be decided;
// 128+N: interrupted by signal N.
absl::StatusOr<int> Minimize(const Job& job, const MinimizeOptions& options,
                             const Settings& settings);

}  // namespace capmon
