// SPDX-License-Identifier: Apache-2.0
// Small questions about identities that the container index asks. Pure.
#pragma once

#include <string>

#include "daemon/model/container.h"

namespace capmon {

inline constexpr char kHostKey[] = "host";
inline constexpr char kFromCgroup[] = "cgroup";  // Container::name_source

// Makes it the container of that identity.
void Fill(Container& container, const CgroupIdentity& identity);

// Known only as a top-level cgroup outside systemd's tree: a container, or a group of them.
bool IsPlain(const Container& container);
bool IsPlain(const CgroupIdentity& identity);

// Whether that may be a container's name in a group; not what runtimes and systemd call the inner
// cgroups they make for a container that does not live in its own.
bool MayBeContainer(const std::string& member);

std::string WholePath(const CgroupIdentity& identity);
// The same cgroup, as part of the container at `own`.
CgroupIdentity PartOf(const CgroupIdentity& cgroup, const std::string& own, const std::string& id,
                      const std::string& runtime);

}  // namespace capmon
