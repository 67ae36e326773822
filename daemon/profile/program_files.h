// SPDX-License-Identifier: Apache-2.0
// The capabilities of executed files, as far as a profile knows them. Pure.
#pragma once

#include <optional>

#include "daemon/profile/profile.h"

namespace capmon {

// The file's own capabilities as they follow from the sets after an exec. Nothing where those leave
// it open: user 0 gets all it may have from any file, and no_new_privs hides what a file would have
// given.
std::optional<ProgramFile> FileBySets(const ProcessExec& exec);
// Whether the capabilities of the executed file must still be read.
bool WantsFile(const Profile& profile, const ProcessExec& exec);
// Without room, a file that needs nothing is dropped, and read again at its next exec.
void LearnFile(Profile& profile, uint32_t exe, const ProgramFile& file);

// `twin` is another container of the same image: it may know files that could not be read here.
bool CanLearnFiles(const Profile& profile, const Profile& twin);
void LearnFiles(Profile& profile, const Profile& twin);
bool HasUnreadFiles(const Profile& profile);
// Whether its workload sets capabilities of files, as setcap(8) does.
bool GivesFilesCapabilities(const Profile& profile);
// Whether this level is that of a user namespace which the workload made itself.
bool InOwnNamespace(const Profile& profile, uint8_t level);

}  // namespace capmon
