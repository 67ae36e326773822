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

// It did something at `time`, `count` times; its first `start_up` counts apart.
void LearnActivity(Profile& profile, TimeNs time, uint64_t count, TimeNs start_up);

// The container ran, and nobody watched. At the limit the two oldest become one.
void Learn(Profile& profile, const Gap& gap);
// This kind of check was made in a cgroup below the container's own, at that path.
void LearnInnerCgroup(Profile& profile, const CheckKey& key, const std::string& path);

// What the sets after an exec tell of the file's own capabilities; nothing where they leave it
// open: user 0 gets all it may have from any file, and no_new_privs hides what a file would have
// given.
std::optional<ProgramFile> FileBySets(const ProcessExec& exec);
// Whether the capabilities of the executed file are still to be read.
bool WantsFile(const Profile& profile, const ProcessExec& exec);

// In another container of the same image the same files may be known that could not be read here.
bool CanLearnFiles(const Profile& profile, const Profile& twin);
void LearnFiles(Profile& profile, const Profile& twin);
bool HasUnreadFiles(const Profile& profile);
bool GivesFilesCapabilities(const Profile& profile);  // as setcap(8) does
// Whether the map of the user namespace that it started in is still to be read, from this process.
bool WantsUserMap(const Profile& profile, const ProcessExec& exec);

// Adds the evidence of `from`, which turned out to be of the same container.
void Merge(Profile& into, const Profile& from);

}  // namespace capmon
