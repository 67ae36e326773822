// SPDX-License-Identifier: Apache-2.0
// Files and folders opened without access to their contents, and what the kernel knows of them by
// itself: no file system is asked.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/base/unique_fd.h"

namespace capmon {

UniqueFd Open(const std::string& path, int flags);
// A path to an open file.
std::string PathOf(const UniqueFd& fd);
std::optional<struct statx> StatusOf(const UniqueFd& fd);
// A regular file; `inode`: the low half of its number, 0 for any.
bool IsFile(const UniqueFd& fd, uint32_t inode);
// A file in memory, which no process sees mounted.
bool IsInMemory(const UniqueFd& fd);
// The number of the mount it is on; -1 when not known. statfs(2) would wait for the file system.
int MountOf(const UniqueFd& fd);
// Of a file of proc.
std::string TextOf(const std::string& path);

}  // namespace capmon
