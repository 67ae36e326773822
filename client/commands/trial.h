// SPDX-License-Identifier: Apache-2.0
// What a run under a set is asked, and what it showed.
#pragma once

#include <string>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

// The user's check of each run.
struct TrialCheck {
  std::string command = {};  // for sh; "" for none
  int timeout = 10;          // seconds
  int after = 0;             // seconds before it is first tried
  int repeat = 0;            // how often it is repeated after it passed
};

// One run of the job, and its profile.
struct TrialRun {
  v1::VerifiedRun run;
  v1::Profile profile;
  bool unsteady = false;        // the check both passed and failed
  bool checks_nothing = false;  // the check passes without the job as well
  int interrupted_by = 0;
};

}  // namespace capmon
