// SPDX-License-Identifier: Apache-2.0
// How a profile grows by one event. Pure.
#pragma once

#include <optional>

#include "daemon/profile/profile.h"

namespace capmon {

// True when this kind of check was not known before.
bool Learn(Profile& profile, const ChecksCounted& counted);
void Learn(Profile& profile, const CheckSampled& sampled);
void Learn(Profile& profile, const ProcessExec& exec);
void Learn(Profile& profile, const CapabilitiesSet& set);
void Learn(Profile& profile, const FileRead& read);
void Learn(Profile& profile, const ExecRefused& refused);
void Learn(Profile& profile, const CallNoticed& noticed);
void Learn(Profile& profile, const SurroundingsSeen& seen);
void Learn(Profile& profile, const UserMapRead& read);

// What an exec gained, or was kept from gaining; nothing for an ordinary one.
std::optional<PrivilegeGain> GainOf(const ProcessExec& exec);

// It did something at `time`, `count` times; its first `start_up` counts apart.
void LearnActivity(Profile& profile, TimeNs time, uint64_t count, TimeNs start_up);

// The container ran, and its checks were not counted. At the limit the two oldest become one.
void Learn(Profile& profile, const Gap& gap);
// This kind of check was made in a cgroup below the container's own, at that path.
void LearnInnerCgroup(Profile& profile, const CheckKey& key, const std::string& path);

// Whether the map of the user namespace that it started in is still to be read, from this process.
bool WantsUserMap(const Profile& profile, const ProcessExec& exec);

// The evidence of one kind of check, made at `time` where there is none; null when the profile is
// full.
CheckEvidence* FindOrAddCheck(Profile& profile, const CheckKey& key, TimeNs time);
// Some of these checks were made in that time, while capmond did not run. Several such times become
// one that spans them all.
void NoteUnread(CheckEvidence& evidence, TimeNs from, TimeNs to);

}  // namespace capmon
