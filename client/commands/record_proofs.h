// SPDX-License-Identifier: Apache-2.0
// What `capmon minimize` found, for capmond to keep.
#pragma once

#include "capmon/v1/capmon.pb.h"

namespace capmon {

// Returns the findings. No container is set. Without a proof if the search decided nothing.
// What the runs did without is undecided: that the container never needs it, with other arguments,
// environment or volumes, or when an operator runs a program in it, no run of the search shows.
v1::RecordProofsRequest ProofsOf(const v1::Minimization& report);

}  // namespace capmon
