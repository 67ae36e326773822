// SPDX-License-Identifier: Apache-2.0
// Predicates and conversions of identities for the container index. Pure.
#pragma once

#include <string>

#include "daemon/model/container.h"

namespace capmon {

inline constexpr char kHostKey[] = "host";
inline constexpr char kFromCgroup[] = "cgroup";  // Container::name_source

// Copies the identity into the container.
void Fill(Container& container, const CgroupIdentity& identity);

// Returns true for a top-level cgroup outside systemd's tree, of which nothing else is known: a
// container, or a group of them.
bool IsTopLevelGuess(const Container& container);
bool IsTopLevelGuess(const CgroupIdentity& identity);

// Returns whether this may be the name of a container in a group. False for names that runtimes and
// systemd give to inner cgroups.
bool MayBeContainer(const std::string& member);

std::string WholePath(const CgroupIdentity& identity);
// Returns the same cgroup as a part of the container at `own`.
CgroupIdentity AsMemberOf(const CgroupIdentity& cgroup, const std::string& own,
                          const std::string& id, const std::string& runtime);

}  // namespace capmon
