// SPDX-License-Identifier: Apache-2.0
// How a profile grows by one event. Pure.
#pragma once

#include "daemon/profile/profile.h"

namespace capmon {

// True when this kind of check was not known before.
bool Learn(Profile& profile, const ChecksCounted& counted);
void Learn(Profile& profile, const CheckSampled& sampled);
void Learn(Profile& profile, const ProcessExec& exec);
void Learn(Profile& profile, const CapabilitiesSet& set);
void Learn(Profile& profile, const SurroundingsSeen& seen);

// The container ran, and nobody watched. At the limit the two oldest become one.
void Learn(Profile& profile, const Gap& gap);
// This kind of check was made in a cgroup below the container's own, at that path.
void LearnInnerCgroup(Profile& profile, const CheckKey& key, const std::string& path);

// Adds the evidence of `from`, which turned out to be of the same container.
void Merge(Profile& into, const Profile& from);

}  // namespace capmon
